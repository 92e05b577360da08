using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Sift.Bench.Load;

/// <summary>The far end of bridged calls: answers every INVITE at once and echoes each RTP packet to where it came from.</summary>
internal sealed class Callee : IDisposable
{
    private readonly Socket _sip;
    private readonly Socket _media;
    private volatile bool _stop;

    public Callee(int port)
    {
        _sip = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp) { ReceiveBufferSize = 4 << 20 };
        _sip.Bind(new IPEndPoint(IPAddress.Loopback, port));
        _media = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp) { ReceiveBufferSize = 4 << 20, SendBufferSize = 4 << 20 };
        _media.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        new Thread(AnswerSip) { IsBackground = true }.Start();
        new Thread(EchoMedia) { IsBackground = true }.Start();
    }

    public void Dispose()
    {
        _stop = true;
        _sip.Dispose();
        _media.Dispose();
    }

    private void AnswerSip()
    {
        var buffer = new byte[65536];
        EndPoint from = new IPEndPoint(IPAddress.Any, 0);
        try
        {
            while (!_stop)
            {
                var request = Encoding.ASCII.GetString(buffer, 0, _sip.ReceiveFrom(buffer, ref from));
                if (request.StartsWith("SIP/2.0", StringComparison.Ordinal) || request.StartsWith("ACK", StringComparison.Ordinal))
                {
                    continue;
                }

                var invite = request.StartsWith("INVITE", StringComparison.Ordinal);
                var answer = SipText.Response(
                    request, 200, "OK", "callee",
                    invite ? $"sip:b@127.0.0.1:{((IPEndPoint)_sip.LocalEndPoint!).Port}" : null,
                    invite ? SipText.Sdp(((IPEndPoint)_media.LocalEndPoint!).Port) : null);
                _sip.SendTo(Encoding.ASCII.GetBytes(answer), from);
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException && _stop)
        {
        }
    }

    private void EchoMedia()
    {
        var buffer = new byte[2048];
        var from = new SocketAddress(AddressFamily.InterNetwork);
        try
        {
            while (!_stop)
            {
                var length = _media.ReceiveFrom(buffer, SocketFlags.None, from);
                _media.SendTo(buffer.AsSpan(0, length), SocketFlags.None, from);
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException && _stop)
        {
        }
    }
}
