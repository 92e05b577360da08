using System.Net;
using System.Net.Sockets;

namespace Sift.EndToEnd.Tests.Peers;

/// <summary>Hands out loopback ports that are free for UDP and TCP, each again only after all others.</summary>
internal static class Ports
{
    private const int First = 21_000;
    private const int Last = 64_000;

    private static readonly Lock Gate = new();
    private static int _next = First + (Environment.ProcessId % 400 * 20);

    public static int Next() => Range(1);

    /// <summary>The first of <paramref name="count"/> consecutive free ports.</summary>
    public static int Range(int count)
    {
        while (true)
        {
            int first;
            lock (Gate)
            {
                first = _next + count > Last ? First : _next;
                _next = first + count;
            }

            if (Enumerable.Range(first, Math.Min(count, 8)).All(IsFree))
            {
                return first;
            }
        }
    }

    public static bool IsFree(int port)
    {
        try
        {
            using var udp = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
            udp.Bind(new IPEndPoint(IPAddress.Loopback, port));
            using var tcp = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            tcp.Bind(new IPEndPoint(IPAddress.Loopback, port));
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
