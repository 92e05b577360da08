using System.Net;

namespace Sift.Media.Sip.Transports;

internal enum SipTransportKind { Udp, Tcp, Tls }

/// <summary>One way to one peer: a remote address of the UDP socket, or one stream connection (the flow of RFC 5626).</summary>
internal abstract class SipFlow(SipTransportKind kind, IPEndPoint remote)
{
    private static long _lastId;

    public long Id { get; } = Interlocked.Increment(ref _lastId);

    public SipTransportKind Kind { get; } = kind;

    public IPEndPoint Remote { get; } = remote;

    public bool IsLoopback { get; } = IPAddress.IsLoopback(remote.Address);

    /// <summary>The server name the peer was dialled by, when it was; decides which certificate is acceptable.</summary>
    public string? PeerName { get; init; }

    public abstract bool IsClosed { get; }

    /// <summary>Sends without blocking. False when the bytes were certainly not sent.</summary>
    public abstract bool TrySend(ReadOnlySpan<byte> bytes);

    public override string ToString() => $"{Kind.Name()}:{Remote}";
}

internal static class SipTransportKinds
{
    /// <summary>The transport token of a Via header (RFC 3261 25.1).</summary>
    public static string Name(this SipTransportKind kind) => kind switch
    {
        SipTransportKind.Udp => "UDP",
        SipTransportKind.Tcp => "TCP",
        SipTransportKind.Tls => "TLS",
    };

    public static bool TryParse(string? text, out SipTransportKind kind)
    {
        kind = SipTransportKind.Udp;
        switch (text?.ToUpperInvariant())
        {
            case "UDP":
                return true;
            case "TCP":
                kind = SipTransportKind.Tcp;
                return true;
            case "TLS":
                kind = SipTransportKind.Tls;
                return true;
            default:
                return false;
        }
    }
}
