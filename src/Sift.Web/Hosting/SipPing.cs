using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Sift.Web.Hosting;

/// <summary>Asks a SIP listener whether it is there, as a peer would (RFC 3261 11): a datagram with OPTIONS.</summary>
internal static class SipPing
{
    /// <returns>The answer as it came.</returns>
    public static async ValueTask<string> AskAsync(IPEndPoint remote, string host, CancellationToken cancellationToken)
    {
        using var socket = new Socket(remote.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        await socket.ConnectAsync(remote, cancellationToken);
        var local = (IPEndPoint)socket.LocalEndPoint!;
        var tag = Ids.New();
        var text = $"OPTIONS sip:{host} SIP/2.0\r\nVia: SIP/2.0/UDP {local};branch=z9hG4bK{tag};rport\r\nMax-Forwards: 70\r\nFrom: <sip:sift@{local}>;tag={tag}\r\nTo: <sip:{host}>\r\n"
            + $"Call-ID: {tag}@{local.Address}\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n";
        await socket.SendAsync(Encoding.UTF8.GetBytes(text), cancellationToken);
        var buffer = new byte[4096];
        return Encoding.UTF8.GetString(buffer, 0, await socket.ReceiveAsync(buffer, cancellationToken));
    }

    /// <summary>Null when the listener answers in time, else what is wrong.</summary>
    public static async ValueTask<string?> CheckAsync(IPEndPoint listener, TimeSpan patience, TimeProvider time, CancellationToken cancellationToken)
    {
        var remote = listener.Address.Equals(IPAddress.Any) ? new IPEndPoint(IPAddress.Loopback, listener.Port)
            : listener.Address.Equals(IPAddress.IPv6Any) ? new IPEndPoint(IPAddress.IPv6Loopback, listener.Port)
            : listener;
        using var limit = new CancellationTokenSource(patience, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            await AskAsync(remote, remote.Address.ToString(), both.Token);
            return null;
        }
        catch (SocketException problem)
        {
            return $"nothing listens at {remote} any more: {problem.Message}";
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested)
        {
            return $"the listener at {remote} does not answer";
        }
    }
}
