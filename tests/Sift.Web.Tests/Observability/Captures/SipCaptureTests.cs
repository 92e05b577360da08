using System.Diagnostics;
using System.Net;
using System.Text;
using Sift.Activities.Connections;
using Sift.Media.Legs;
using Sift.Media.Sip.Tracing;
using Sift.Web.Observability.Captures;

namespace Sift.Web.Tests.Observability.Captures;

/// <summary>Wireshark's own reader says what is in the file.</summary>
public sealed class SipCaptureTests : IDisposable
{
    private const string Sdp = "v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\nm=audio 20000 RTP/AVP 0\r\na=rtpmap:0 PCMU/8000\r\n";

    private static readonly DateTimeOffset Began = new DateTimeOffset(2026, 3, 4, 5, 6, 7, 125, TimeSpan.Zero).AddTicks(4567);

    private static readonly Connection Call = new("00000000000000aa", "00112233445566aa", "+15551110000", "+15552220000", "incoming", ConnectionStatus.Finished, Began) { EndReason = "the other end hung up" };

    private readonly string path = Path.GetTempFileName();

    public void Dispose() => File.Delete(path);

    [Fact]
    public async Task Wireshark_reads_the_ladder_with_its_times_addresses_and_ports_and_finds_no_fault()
    {
        await WriteAsync(Trace("UDP", "192.0.2.1:5060", "198.51.100.7:5080"));

        Assert.Equal(
            [
                "1772600767.125456700|198.51.100.7|5080|192.0.2.1|5060|INVITE||1 INVITE",
                "1772600767.135456700|192.0.2.1|5060|198.51.100.7|5080||200|1 INVITE",
                "1772600767.145456700|198.51.100.7|5080|192.0.2.1|5060|ACK||1 ACK",
                "1772600772.145456700|198.51.100.7|5080|192.0.2.1|5060|BYE||2 BYE",
                "1772600772.155456700|192.0.2.1|5060|198.51.100.7|5080||200|2 BYE",
            ],
            await ReadAsync("frame.time_epoch", "ip.src", "udp.srcport", "ip.dst", "udp.dstport", "sip.Method", "sip.Status-Code", "sip.CSeq"));
        Assert.Equal(["1|1|"], (await ReadAsync("ip.checksum.status", "udp.checksum.status", "_ws.malformed")).Distinct());
        Assert.Equal(["20000", "20000"], (await ReadAsync("sdp.media.port")).Where(port => port.Length > 0));
    }

    [Fact]
    public async Task A_ladder_over_IPv6_is_whole_too()
    {
        await WriteAsync(Trace("UDP", "[2001:db8::1]:5060", "[2001:db8::7]:5080"));
        Assert.Equal("2001:db8::7|2001:db8::1|INVITE|1", (await ReadAsync("ipv6.src", "ipv6.dst", "sip.Method", "udp.checksum.status"))[0]);
    }

    [Fact]
    public async Task The_quality_of_the_media_and_another_transport_stand_in_comments()
    {
        await WriteAsync(Trace("TLS", "192.0.2.1:5061", "198.51.100.7:41000"));

        var comments = await ReadAsync("frame.comment");

        Assert.All(comments, comment => Assert.Contains("Went over TLS", comment, StringComparison.Ordinal));
        Assert.Contains("PCMU, 250 packets received, 249 sent, 3 lost, jitter 4.5 ms, round trip 31.0 ms, MOS 4.21", comments[3], StringComparison.Ordinal);
        Assert.Contains("PCMU, 260 packets received", comments[4], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_listener_on_all_addresses_is_shown_with_the_address_it_sends_from()
    {
        await WriteAsync(Trace("UDP", "0.0.0.0:5060", "127.0.0.1:5080"));
        Assert.Equal("127.0.0.1|127.0.0.1|5060", (await ReadAsync("ip.src", "ip.dst", "udp.dstport"))[0]);
    }

    private static TracedLeg Trace(string transport, string local, string remote)
    {
        var at = Began;
        TracedMessage Next(bool received, int milliseconds, string text)
        {
            var message = new TracedMessage(at, received, IPEndPoint.Parse(local), IPEndPoint.Parse(remote), transport, Encoding.UTF8.GetBytes(text));
            at = at.AddMilliseconds(milliseconds);
            return message;
        }

        return new TracedLeg(
            [
                Next(true, 10, Text("INVITE sip:+15552220000@192.0.2.1 SIP/2.0", "1 INVITE", Sdp)),
                Next(false, 10, Text("SIP/2.0 200 OK", "1 INVITE", Sdp)),
                Next(true, 5000, Text("ACK sip:+15552220000@192.0.2.1 SIP/2.0", "1 ACK", "")),
                Next(true, 10, Text("BYE sip:+15552220000@192.0.2.1 SIP/2.0", "2 BYE", "")),
                Next(false, 10, Text("SIP/2.0 200 OK", "2 BYE", "")),
            ],
            [
                new QualitySample(Began.AddSeconds(5), new LegQuality(250, 249, 3, TimeSpan.FromMilliseconds(4.5), TimeSpan.FromMilliseconds(31), 4.21, "PCMU")),
                new QualitySample(Began.AddSeconds(6), new LegQuality(260, 259, 3, TimeSpan.FromMilliseconds(4), null, null, "PCMU")),
            ],
            0);
    }

    private static string Text(string first, string sequence, string body)
        => $"{first}\r\nVia: SIP/2.0/UDP 198.51.100.7:5080;branch=z9hG4bK1\r\nFrom: <sip:+15551110000@carrier>;tag=a\r\nTo: <sip:+15552220000@192.0.2.1>;tag=b\r\nCall-ID: c@carrier\r\nCSeq: {sequence}\r\nMax-Forwards: 70\r\n"
            + $"Contact: <sip:x@198.51.100.7>\r\n{(body.Length > 0 ? "Content-Type: application/sdp\r\n" : "")}Content-Length: {body.Length}\r\n\r\n{body}";

    private Task WriteAsync(TracedLeg trace) => File.WriteAllBytesAsync(path, SipCapture.Of(Call, trace));

    /// <summary>One line per packet, fields separated by bars; checksums are checked.</summary>
    private async Task<string[]> ReadAsync(params string[] fields)
    {
        using var tshark = Process.Start(new ProcessStartInfo(
            "tshark", ["-r", path, "-o", "ip.check_checksum:TRUE", "-o", "udp.check_checksum:TRUE", "-T", "fields", "-E", "separator=|", .. fields.SelectMany(field => new[] { "-e", field })])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var errors = tshark.StandardError.ReadToEndAsync();
        var output = await tshark.StandardOutput.ReadToEndAsync();
        await tshark.WaitForExitAsync();
        Assert.True(tshark.ExitCode == 0, await errors);
        return output.TrimEnd('\n').Split('\n');
    }
}
