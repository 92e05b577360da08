using System.Text;

namespace Sift.Bench.Load;

/// <summary>Just enough SIP by hand: the messages of one call and a look at header values.</summary>
internal static class SipText
{
    public static string Invite(CallRecord call, string user, int serverPort, int localPort, int mediaPort)
    {
        var sdp = Sdp(mediaPort);
        return $"INVITE sip:{user}@127.0.0.1:{serverPort} SIP/2.0\r\n" +
            $"Via: SIP/2.0/UDP 127.0.0.1:{localPort};branch=z9hG4bK{call.CallId}\r\n" +
            $"From: <sip:load@127.0.0.1:{localPort}>;tag={call.FromTag}\r\nTo: <sip:{user}@127.0.0.1:{serverPort}>\r\n" +
            $"Call-ID: {call.CallId}\r\nCSeq: 1 INVITE\r\nContact: <sip:load@127.0.0.1:{localPort}>\r\nMax-Forwards: 70\r\n" +
            $"Content-Type: application/sdp\r\nContent-Length: {sdp.Length}\r\n\r\n{sdp}";
    }

    public static string InDialog(CallRecord call, string method, int cseq, string user, int serverPort, int localPort) =>
        $"{method} {call.RemoteTarget} SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:{localPort};branch=z9hG4bK{call.CallId}{method}\r\n" +
        $"From: <sip:load@127.0.0.1:{localPort}>;tag={call.FromTag}\r\nTo: {call.ToHeader}\r\nCall-ID: {call.CallId}\r\n" +
        $"CSeq: {cseq} {method}\r\nMax-Forwards: 70\r\nContent-Length: 0\r\n\r\n";

    /// <summary>A response that copies what RFC 3261 8.2.6 wants copied.</summary>
    public static string Response(string request, int status, string reason, string? toTag, string? contact, string? sdp)
    {
        var text = new StringBuilder($"SIP/2.0 {status} {reason}\r\n");
        foreach (var line in request.Split("\r\n"))
        {
            if (line.Length == 0)
            {
                break;
            }

            if (line.StartsWith("Via:", StringComparison.OrdinalIgnoreCase) || line.StartsWith("From:", StringComparison.OrdinalIgnoreCase)
                || line.StartsWith("Call-ID:", StringComparison.OrdinalIgnoreCase) || line.StartsWith("CSeq:", StringComparison.OrdinalIgnoreCase)
                || line.StartsWith("Record-Route:", StringComparison.OrdinalIgnoreCase))
            {
                text.Append(line).Append("\r\n");
            }
            else if (line.StartsWith("To:", StringComparison.OrdinalIgnoreCase))
            {
                text.Append(line).Append(toTag is null || line.Contains(";tag=", StringComparison.Ordinal) ? "" : $";tag={toTag}").Append("\r\n");
            }
        }

        if (contact is not null)
        {
            text.Append($"Contact: <{contact}>\r\n");
        }

        if (sdp is not null)
        {
            text.Append("Content-Type: application/sdp\r\n");
        }

        return text.Append($"Content-Length: {sdp?.Length ?? 0}\r\n\r\n{sdp}").ToString();
    }

    public static string Sdp(int mediaPort) =>
        $"v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio {mediaPort} RTP/AVP 0\r\na=rtpmap:0 PCMU/8000\r\n";

    public static string? Header(string message, string name)
    {
        var at = message.IndexOf($"\r\n{name}:", StringComparison.OrdinalIgnoreCase);
        if (at < 0)
        {
            return null;
        }

        at += name.Length + 3;
        return message[at..message.IndexOf("\r\n", at, StringComparison.Ordinal)].Trim();
    }

    public static int MediaPort(string message)
    {
        var at = message.IndexOf("m=audio ", StringComparison.Ordinal);
        return at < 0 ? 0 : int.Parse(message.AsSpan(at + 8, message.IndexOf(' ', at + 8) - at - 8));
    }

    public static string InAngles(string header)
    {
        var open = header.IndexOf('<');
        return open < 0 ? header.Split(';')[0] : header[(open + 1)..header.IndexOf('>')];
    }
}
