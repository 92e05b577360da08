using System.Net;
using System.Text;
using Sift.Protocols.Sip.Authentication;
using Sift.Protocols.Sip.Messages;
using Sift.Protocols.Sip.Transactions;

namespace Sift.Media.Tests.Sip;

/// <summary>Messages written as text in tests.</summary>
internal static class SipText
{
    public static readonly IPEndPoint Server = new(IPAddress.Parse("192.0.2.1"), 5060);

    public static SipFlow Udp(string remote) => new(SipTransport.Udp, 0, Server, IPEndPoint.Parse(remote));

    public static SipFlow Tcp(string remote, long connection = 1) => new(SipTransport.Tcp, connection, Server, IPEndPoint.Parse(remote));

    public static SipMessage Parse(string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text.ReplaceLineEndings("\r\n"));
        Assert.True(SipParser.TryParse(bytes, out var message, out var error), error.ToString());
        return message;
    }

    /// <summary>A request with the usual headers; <paramref name="extra"/> are further header lines.</summary>
    public static SipRequest Request(
        string method,
        string uri,
        string from,
        string to,
        string extra = "",
        uint sequence = 1,
        string callId = "call-1",
        string body = "",
        string branch = "b1")
    {
        var text = new StringBuilder()
            .Append($"{method} {uri} SIP/2.0\n")
            .Append($"Via: SIP/2.0/UDP 198.51.100.7:5060;branch=z9hG4bK{branch};rport\n")
            .Append("Max-Forwards: 70\n")
            .Append($"From: <{from}>;tag=ft\n")
            .Append($"To: <{to}>\n")
            .Append($"Call-ID: {callId}\n")
            .Append($"CSeq: {sequence} {method}\n")
            .Append(extra.Length > 0 ? extra.TrimEnd('\n') + "\n" : "")
            .Append(body.Length > 0 ? "Content-Type: application/sdp\n" : "")
            .Append($"Content-Length: {Encoding.UTF8.GetByteCount(body.ReplaceLineEndings("\r\n"))}\n\n")
            .Append(body);
        return (SipRequest)Parse(text.ToString());
    }

    /// <summary>An Authorization line for the challenges of a response.</summary>
    public static string Authorise(
        IEnumerable<string> challenges,
        string user,
        string password,
        string method,
        string uri,
        DigestAlgorithm algorithm = DigestAlgorithm.Sha256,
        uint count = 1,
        string cnonce = "c0ffee")
    {
        foreach (var text in challenges)
        {
            if (DigestChallenge.TryParse(text, out var challenge) && challenge.Algorithm == algorithm)
            {
                return "Authorization: " + DigestClient.Answer(challenge, user, password, method, uri, count, cnonce);
            }
        }

        throw new InvalidOperationException("No such challenge.");
    }
}
