using System.Net;
using System.Text;
using Sift.Protocols.Sip.Messages;
using Sift.Protocols.Sip.Transactions;

namespace Sift.Protocols.Tests.Sip.UserAgent;

/// <summary>The far end written by hand: sends any text to one peer and reads what comes back.</summary>
internal sealed class RawPeer
{
    private readonly SipNetwork _network;
    private readonly Peer _peer;

    public RawPeer(SipNetwork network, Peer peer, string address = "192.0.2.9")
    {
        _network = network;
        _peer = peer;
        Address = new(IPAddress.Parse(address), 5060);
    }

    public IPEndPoint Address { get; }

    public SipFlow Flow => new(SipTransport.Udp, 0, _peer.Address, Address);

    public SipRequest LastRequest(string method) => _peer.SentMessages.OfType<SipRequest>().Last(r => r.Method == method);

    public SipResponse LastResponse => _peer.SentMessages.OfType<SipResponse>().Last();

    /// <summary>A request with sensible defaults; further header lines as given.</summary>
    public void Request(string method, string toTag = "", uint cseq = 1, string callId = "raw-call", string branch = "", string extra = "", string body = "", string uri = "sip:bob@192.0.2.2", string fromTag = "raw", string? contact = null)
    {
        var text = new StringBuilder()
            .Append($"{method} {uri} SIP/2.0\r\n")
            .Append($"Via: SIP/2.0/UDP {Address};branch=z9hG4bK{(branch.Length > 0 ? branch : $"{method}{cseq}{callId}")};rport\r\n")
            .Append("Max-Forwards: 70\r\n")
            .Append($"From: <sip:raw@{Address}>;tag={fromTag}\r\n")
            .Append($"To: <sip:bob@192.0.2.2>{(toTag.Length > 0 ? $";tag={toTag}" : "")}\r\n")
            .Append($"Call-ID: {callId}\r\n")
            .Append($"CSeq: {cseq} {method}\r\n")
            .Append($"Contact: {contact ?? $"<sip:raw@{Address}>"}\r\n")
            .Append(extra.ReplaceLineEndings("\r\n"));
        if (body.Length > 0 && !extra.Contains("Content-Type", StringComparison.Ordinal))
        {
            text.Append("Content-Type: application/sdp\r\n");
        }

        text.Append($"Content-Length: {body.Length}\r\n\r\n{body}");
        Send(text.ToString());
    }

    /// <summary>A response to the newest request of that method.</summary>
    public void Respond(string method, int status, string toTag = "raw", string extra = "", string body = "", bool contact = true)
    {
        var response = SipResponse.For(LastRequest(method), status, toTag);
        if (contact)
        {
            response.Headers.Add("Contact", $"<sip:raw@{Address}>");
        }

        foreach (var line in extra.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            var colon = line.IndexOf(':', StringComparison.Ordinal);
            response.Headers.Add(line[..colon], line[(colon + 1)..].Trim());
        }

        if (body.Length > 0)
        {
            response.Headers.Add("Content-Type", "application/sdp");
            response.Body = Encoding.UTF8.GetBytes(body);
        }

        var bytes = new System.Buffers.ArrayBufferWriter<byte>();
        SipWriter.Write(response, bytes);
        _peer.Receive(bytes.WrittenSpan, Flow);
    }

    private void Send(string text) => _network.Inject(_peer, text, Address);
}
