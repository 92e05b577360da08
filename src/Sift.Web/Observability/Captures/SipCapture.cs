using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Sift.Activities.Connections;
using Sift.Media.Legs;
using Sift.Media.Sip.Tracing;

namespace Sift.Web.Observability.Captures;

/// <summary>
/// The SIP messages of a connection as a capture file. Messages that went over TCP or TLS stand in UDP packets too, with a comment that says
/// so: what a person wants to see is the ladder. Media packets are not recorded; what is known of them is in the comments.
/// </summary>
internal static class SipCapture
{
    public const string ContentType = "application/x-pcapng";

    public static byte[] Of(Connection connection, TracedLeg trace)
        => Of($"Sift connection {connection.Id}, {connection.Direction}, {connection.From} to {connection.To}: {ConnectionJson.NameOf(connection.Status)}{(connection.EndReason is { } reason ? $", {reason}" : "")}", trace);

    /// <param name="title">Stands at the head of the file.</param>
    /// <param name="trace">What is known of the call.</param>
    public static byte[] Of(string title, TracedLeg trace)
    {
        var file = new PcapngFile("Sift", Summary(title, trace));
        var samples = new Queue<QualitySample>(trace.Samples);
        for (var i = 0; i < trace.Messages.Count; i++)
        {
            var message = trace.Messages[i];
            var comments = new List<string>();
            if (message.Transport != "UDP")
            {
                comments.Add($"Went over {message.Transport}; shown in UDP.");
            }

            // A sample stands at the first message after it, the rest at the last message.
            while (samples.TryPeek(out var sample) && (sample.At <= message.At || i == trace.Messages.Count - 1))
            {
                comments.Add(Written(samples.Dequeue()));
            }

            var local = Here(message.Local, message.Remote);
            var packet = message.Received ? UdpPacket.Wrap(message.Remote, local, message.Bytes.Span) : UdpPacket.Wrap(local, message.Remote, message.Bytes.Span);
            if (packet is not null)
            {
                file.Add(message.At, packet, comments);
            }
        }

        return file.ToArray();
    }

    private static IEnumerable<string> Summary(string title, TracedLeg trace)
    {
        yield return title;
        if (trace.Dropped > 0)
        {
            yield return $"{trace.Dropped} more SIP messages were not kept.";
        }

        if (trace.Samples is [.., var last])
        {
            yield return Written(last);
        }
    }

    private static string Written(QualitySample sample) => string.Create(
        CultureInfo.InvariantCulture,
        $"Media at {Moment.Of(sample.At)}: {sample.Quality.Codec}, {sample.Quality.PacketsReceived} packets received, {sample.Quality.PacketsSent} sent, {sample.Quality.PacketsLost} lost, jitter {sample.Quality.Jitter.TotalMilliseconds:0.0} ms{(sample.Quality.RoundTrip is { } trip ? $", round trip {trip.TotalMilliseconds:0.0} ms" : "")}{(sample.Quality.MeanOpinionScore is { } score ? $", MOS {score:0.00}" : "")}");

    /// <summary>The address packets to <paramref name="remote"/> leave from, when the listener is bound to all of them.</summary>
    private static IPEndPoint Here(IPEndPoint local, IPEndPoint remote)
    {
        if (!local.Address.Equals(IPAddress.Any) && !local.Address.Equals(IPAddress.IPv6Any))
        {
            return local;
        }

        try
        {
            // Connecting a datagram socket sends nothing; it asks the routing table.
            using var probe = new Socket(remote.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
            probe.Connect(remote);
            return new IPEndPoint(((IPEndPoint)probe.LocalEndPoint!).Address, local.Port);
        }
        catch (SocketException)
        {
            return new IPEndPoint(remote.AddressFamily == AddressFamily.InterNetwork ? IPAddress.Any : IPAddress.IPv6Any, local.Port);
        }
    }
}
