using System.Text;
using Sift.Protocols.Sdp;

namespace Sift.Protocols.Fuzz.Targets;

/// <summary>Session descriptions: parse, write, read back, and answer as a phone leg and as a browser leg would.</summary>
internal sealed class SdpTarget : IFuzzTarget
{
    private static readonly LocalAudio Phone = new() { SessionId = "1", Address = "192.0.2.1", Port = 4000 };

    private static readonly LocalAudio Browser = Phone with
    {
        Codecs = [AudioCodec.Opus, AudioCodec.Pcmu],
        Security = new LocalSecurity { IceUfrag = "abcd", IcePwd = "0123456789012345678901", Fingerprint = new SdpFingerprint("sha-256", "00:11") },
    };

    public string Name => "sdp";

    public IReadOnlyList<byte[]> Dictionary { get; } =
        [.. new[] { "\r\n", "\n", "v=0\r\n", "m=audio 9 RTP/AVP 0\r\n", "c=IN IP4 0.0.0.0\r\n", "a=rtpmap:0 PCMU/8000\r\n", "a=inactive\r\n", "a=", "=", "/", ":", " ", "\0" }.Select(Encoding.ASCII.GetBytes)];

    public void Run(ReadOnlySpan<byte> input)
    {
        if (!SessionDescription.TryParse(input, out var description))
        {
            return;
        }

        var written = description.ToString();
        if (Encoding.UTF8.GetByteCount(written) <= SdpLimits.MaxBytes
            && (!SessionDescription.TryParse(Encoding.UTF8.GetBytes(written), out var again) || again.ToString() != written))
        {
            throw new InvalidOperationException("Written, read and written again, the description changed.");
        }

        foreach (var media in description.Media)
        {
            _ = (media.Ssrcs.Count, media.Fingerprints.Count, media.RtcpPort, media.Msid, description.SetupOf(media));
        }

        Answer(description, Phone);
        Answer(description, Browser);
    }

    private static void Answer(SessionDescription offer, LocalAudio local)
    {
        var outcome = AudioNegotiation.Answer(offer, local);
        if (outcome.Succeeded && outcome.Answer!.Media.Count != offer.Media.Count)
        {
            throw new InvalidOperationException("RFC 3264 6: the answer has another number of sections.");
        }

        _ = outcome.Answer?.ToArray();
    }
}
