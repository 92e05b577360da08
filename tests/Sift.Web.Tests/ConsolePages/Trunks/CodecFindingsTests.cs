using System.Net;
using System.Text;
using Sift.Media.Sip.Tracing;
using Sift.Web.ConsolePages.Trunks;

namespace Sift.Web.Tests.ConsolePages.Trunks;

public sealed class CodecFindingsTests
{
    private const string Offer = "INVITE sip:+15551234567@carrier.example SIP/2.0\r\nCall-ID: out\r\nCSeq: 1 INVITE\r\n\r\nv=0\r\nm=audio 4000 RTP/AVP 0 8 101\r\na=rtpmap:101 telephone-event/8000\r\n";

    private readonly CallTraces traces = new(TimeProvider.System);

    [Theory]
    [InlineData(
        "SIP/2.0 488 Not Acceptable Here\r\nCall-ID: out\r\nCSeq: 2 INVITE\r\nWarning: 305 carrier.example \"Incompatible media format: G.729 only\"\r\n\r\n",
        nameof(Verdict.Bad),
        "The last call offered PCMU, PCMA, and the carrier refused it with 488 Not Acceptable Here. The carrier says: “305 Incompatible media format: G.729 only”.")]
    [InlineData(
        "SIP/2.0 606 Not Acceptable\r\nCall-ID: out\r\nCSeq: 2 INVITE\r\nwarning : 304 c \"Media type not available\"\r\nWarning: 370 c \"Insufficient bandwidth\"\r\n\r\nm=audio 0 RTP/AVP 18\r\n",
        nameof(Verdict.Bad),
        "The last call offered PCMU, PCMA, and the carrier refused it with 606 Not Acceptable. The carrier says: “304 Media type not available”, “370 Insufficient bandwidth”. It would take G729.")]
    [InlineData(
        "SIP/2.0 488 Not Acceptable Here\r\nCall-ID: out\r\nCSeq: 2 INVITE\r\n\r\nm=audio 0 RTP/SAVP 0\r\n",
        nameof(Verdict.Bad),
        "The last call offered PCMU, PCMA, and the carrier refused it with 488 Not Acceptable Here. The carrier gives no reason (no Warning header). It would take encrypted media only, PCMU.")]
    [InlineData("SIP/2.0 486 Busy Here\r\nCall-ID: out\r\nCSeq: 2 INVITE\r\n\r\n", nameof(Verdict.Unknown), "The last call offered PCMU, PCMA and ended with 486 Busy Here, which is not about codecs.")]
    [InlineData("SIP/2.0 200 OK\r\nCall-ID: out\r\nCSeq: 2 INVITE\r\n\r\nm=audio 5000 RTP/AVP 8\r\n", nameof(Verdict.Good), "The last call offered PCMU, PCMA; the carrier took PCMA.")]
    [InlineData("SIP/2.0 200 OK\r\nCall-ID: out\r\nCSeq: 2 INVITE\r\n\r\nm=audio 5000 RTP/AVP 18\r\n", nameof(Verdict.Bad), "The last call offered PCMU, PCMA; the carrier answered with G729, which was not offered.")]
    [InlineData("SIP/2.0 180 Ringing\r\nCall-ID: out\r\nCSeq: 2 INVITE\r\n\r\n", nameof(Verdict.Unknown), "The last call offered PCMU, PCMA and has no final answer.")]
    public void What_the_carrier_made_of_our_offer_is_told_in_its_own_words(string answer, string verdict, string told)
    {
        Pass(received: false, Offer);
        Pass(received: true, "SIP/2.0 407 Proxy Authentication Required\r\nCall-ID: out\r\nCSeq: 1 INVITE\r\n\r\n");
        Pass(received: false, Offer.Replace("CSeq: 1", "CSeq: 2", StringComparison.Ordinal));
        Pass(received: true, answer);
        Pass(received: false, "BYE sip:a SIP/2.0\r\nCall-ID: out\r\nCSeq: 3 BYE\r\n\r\n");
        Pass(received: true, "SIP/2.0 481 Gone\r\nCall-ID: out\r\nCSeq: 3 BYE\r\n\r\n");

        var finding = CodecFindings.Outgoing(Assert.Single(traces.Placed));

        Assert.Equal((verdict, told), (finding.Verdict.ToString(), finding.Answer));
        Assert.Equal(finding.Verdict == Verdict.Bad, finding.Advice is not null);
        Assert.Empty(traces.Received);
    }

    [Fact]
    public void Without_a_call_nothing_is_claimed() => Assert.Equal(Verdict.Unknown, CodecFindings.Outgoing(null).Verdict);

    private void Pass(bool received, string message) =>
        traces.OnMessage("UDP", new IPEndPoint(IPAddress.Loopback, 5060), new IPEndPoint(IPAddress.Parse("192.0.2.7"), 5060), received, Encoding.UTF8.GetBytes(message));
}
