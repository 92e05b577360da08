using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Sift.Web.Tests.ConsolePages;

/// <summary>A caller whose headers are full of markup.</summary>
internal sealed class HostilePhone : IDisposable
{
    public const string Markup = "<script>window.hacked=1</script><img src=x onerror=window.hacked=1>";

    private static readonly string[] Echoed = ["Via:", "From:", "To:", "Call-ID:", "CSeq:"];

    private readonly UdpClient socket = new(new IPEndPoint(IPAddress.Loopback, 0));
    private readonly IPEndPoint server;

    public HostilePhone(string address) => server = IPEndPoint.Parse(address);

    /// <summary>Calls, and acknowledges the answer.</summary>
    /// <returns>The final status.</returns>
    public async Task<int> CallAsync(string number)
    {
        var here = (IPEndPoint)socket.Client.LocalEndPoint!;
        var id = Guid.NewGuid().ToString("N");
        var sdp = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 9 RTP/AVP 0\r\na=recvonly\r\n";
        var dialog = $"From: \"{Markup}\" <sip:+15553334444@127.0.0.1>;tag={id}\r\nCall-ID: {id}\r\n";
        await SendAsync(
            $"INVITE sip:{number}@{server} SIP/2.0\r\nVia: SIP/2.0/UDP {here};branch=z9hG4bK{id};rport\r\nMax-Forwards: 70\r\n{dialog}To: <sip:{number}@{server}>\r\nCSeq: 1 INVITE\r\n"
            + $"Contact: <sip:phone@{here}>\r\nUser-Agent: {Markup}\r\nSubject: {Markup}\r\nContent-Type: application/sdp\r\nContent-Length: {sdp.Length}\r\n\r\n{sdp}");
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while (true)
        {
            var answer = Encoding.UTF8.GetString((await socket.ReceiveAsync(limit.Token)).Buffer);
            if (!answer.StartsWith("SIP/2.0 ", StringComparison.Ordinal))
            {
                // An earlier call is hung up.
                await SendAsync("SIP/2.0 200 OK\r\n" + string.Concat(answer.Split("\r\n").Where(line => Echoed.Any(name => line.StartsWith(name, StringComparison.OrdinalIgnoreCase))).Select(line => line + "\r\n")) + "Content-Length: 0\r\n\r\n");
                continue;
            }

            if (!answer.Contains(id, StringComparison.Ordinal))
            {
                continue;
            }

            var status = int.Parse(answer.AsSpan(8, 3), System.Globalization.CultureInfo.InvariantCulture);
            if (status < 200)
            {
                continue;
            }

            var to = answer.Split("\r\n").First(line => line.StartsWith("To:", StringComparison.OrdinalIgnoreCase));
            await SendAsync($"ACK sip:{number}@{server} SIP/2.0\r\nVia: SIP/2.0/UDP {here};branch=z9hG4bK{(status == 200 ? id + "a" : id)};rport\r\nMax-Forwards: 70\r\n{dialog}{to}\r\nCSeq: 1 ACK\r\nContent-Length: 0\r\n\r\n");
            return status;
        }
    }

    public void Dispose() => socket.Dispose();

    private Task SendAsync(string text) => socket.SendAsync(Encoding.UTF8.GetBytes(text), server).AsTask();
}
