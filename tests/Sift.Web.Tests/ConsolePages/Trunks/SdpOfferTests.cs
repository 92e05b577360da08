using Sift.Web.ConsolePages.Trunks;

namespace Sift.Web.Tests.ConsolePages.Trunks;

public sealed class SdpOfferTests
{
    [Theory]
    [InlineData("m=audio 4000 RTP/AVP 18 4 101\r\na=rtpmap:101 telephone-event/8000\r\n", "G729 G723", "RTP/AVP")]
    [InlineData("m=audio 4000 RTP/AVP 0 8\r\n", "PCMU PCMA", "RTP/AVP")]
    [InlineData("m=audio 4000 RTP/SAVP 96 97\r\na=rtpmap:96 iLBC/8000\r\na=rtpmap:97 opus/48000/2\r\n", "iLBC opus", "RTP/SAVP")]
    [InlineData("m=video 4002 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\nm=audio 4000 RTP/AVP 96 72\r\na=rtpmap:96 AMR/8000\r\n", "AMR type 72", "RTP/AVP")]
    public void What_is_offered_is_named_as_people_know_it(string media, string encodings, string profile)
    {
        var offer = SdpOffer.Of($"INVITE sip:a SIP/2.0\r\n\r\nv=0\r\n{media}");
        Assert.Equal((encodings, profile), (string.Join(' ', offer!.Encodings), offer.Profile));
    }

    [Theory]
    [InlineData("INVITE sip:a SIP/2.0\r\n\r\n")]
    [InlineData("INVITE sip:a SIP/2.0\r\n\r\nm=audio")]
    [InlineData("INVITE sip:a SIP/2.0\r\n\r\nm=audio 4000")]
    public void A_message_without_sound_offers_none(string message) => Assert.Null(SdpOffer.Of(message));
}
