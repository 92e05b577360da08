using System.Globalization;
using System.Text;

namespace Sift.Bench.Sip;

/// <summary>
/// The messages of a caller as a phone writes them, patched in place for each call, so that the caller's own work hardly counts.
/// </summary>
internal sealed class CallText
{
    private const string Number = "00000000";
    private const int MaxTag = 32;

    private readonly byte[] _invite;
    private readonly byte[] _ack;
    private readonly byte[] _bye;
    private int _ackLength;
    private int _byeLength;

    public CallText(int serverPort, int localPort, int mediaPort)
    {
        var sdp = "v=0\r\no=- 3875612 3875612 IN IP4 127.0.0.1\r\ns=call\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
            + $"m=audio {mediaPort} RTP/AVP 0 8 101\r\na=rtpmap:0 PCMU/8000\r\na=rtpmap:8 PCMA/8000\r\n"
            + "a=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-15\r\na=ptime:20\r\na=sendrecv\r\n";
        _invite = Encoding.ASCII.GetBytes(Head("INVITE", 1, "i", "", serverPort, localPort)
            + $"Contact: <sip:alice@127.0.0.1:{localPort}>\r\nAllow: INVITE, ACK, BYE, CANCEL, OPTIONS, PRACK, MESSAGE, SUBSCRIBE, NOTIFY, REFER, UPDATE\r\n"
            + $"Supported: replaces, timer\r\nUser-Agent: Phone 3.1\r\nContent-Type: application/sdp\r\nContent-Length: {sdp.Length}\r\n\r\n{sdp}");
        _ack = Encoding.ASCII.GetBytes(Head("ACK", 1, "a", new string('#', MaxTag), serverPort, localPort) + "Content-Length: 0\r\n\r\n");
        _bye = Encoding.ASCII.GetBytes(Head("BYE", 2, "b", new string('#', MaxTag), serverPort, localPort) + "Content-Length: 0\r\n\r\n");
    }

    public ReadOnlySpan<byte> Invite => _invite;

    public ReadOnlySpan<byte> Ack => _ack.AsSpan(0, _ackLength);

    public ReadOnlySpan<byte> Bye => _bye.AsSpan(0, _byeLength);

    /// <summary>The number that <see cref="BeginCall"/> wrote into the Call-ID of a message.</summary>
    public static int NumberOf(ReadOnlySpan<byte> message)
    {
        var at = message.IndexOf("Call-ID: "u8);
        return at < 0 || !int.TryParse(message.Slice(at + 9, Number.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? -1 : number;
    }

    public static ReadOnlySpan<byte> ToTagOf(ReadOnlySpan<byte> response)
    {
        var to = response[response.IndexOf("\r\nTo: "u8)..];
        to = to[(to.IndexOf(";tag="u8) + 5)..];
        return to[..to.IndexOf((byte)'\r')];
    }

    public void BeginCall(int number) => Patch(_invite, number);

    /// <summary>Makes the ACK and the BYE for the dialog that a 200 made.</summary>
    public void Answered(int number, ReadOnlySpan<byte> tag)
    {
        _ackLength = Patch(_ack, number, tag);
        _byeLength = Patch(_bye, number, tag);
    }

    private static string Head(string method, int sequence, string branch, string toTag, int serverPort, int localPort) =>
        $"{method} sip:say@127.0.0.1:{serverPort} SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:{localPort};rport;branch=z9hG4bKPj{branch}{Number}\r\n"
        + $"Max-Forwards: 70\r\nFrom: \"Alice\" <sip:alice@127.0.0.1:{localPort}>;tag=f{Number}\r\n"
        + $"Call-ID: {Number}-4f1c-9a77-phone\r\nCSeq: {sequence} {method}\r\n"
        + $"To: <sip:say@127.0.0.1:{serverPort}>{(toTag.Length == 0 ? "" : ";tag=" + toTag)}\r\n";

    private static void Patch(Span<byte> message, int number)
    {
        Put(message, "branch=z9hG4bKPj"u8, 1, number);
        Put(message, ";tag=f"u8, 0, number);
        Put(message, "Call-ID: "u8, 0, number);
    }

    private static int Patch(Span<byte> message, int number, ReadOnlySpan<byte> tag)
    {
        Patch(message, number);
        var at = message.IndexOf("\r\nTo: "u8);
        at += message[at..].IndexOf(";tag="u8) + 5;
        tag.CopyTo(message[at..]);
        at += tag.Length;
        var rest = "\r\nContent-Length: 0\r\n\r\n"u8;
        rest.CopyTo(message[at..]);
        return at + rest.Length;
    }

    private static void Put(Span<byte> message, ReadOnlySpan<byte> behind, int skip, int number)
    {
        var place = message.Slice(message.IndexOf(behind) + behind.Length + skip, Number.Length);
        number.TryFormat(place, out _, "D8", CultureInfo.InvariantCulture);
    }
}
