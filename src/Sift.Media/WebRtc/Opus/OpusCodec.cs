using Sift.Media.Rtp;

namespace Sift.Media.WebRtc.Opus;

/// <summary>
/// Opus (RFC 6716) as RFC 7587 carries it: mono, DTX off, in-band FEC as far as the receiver reports loss. Encoder and decoder are made at
/// their first use, so that a leg whose packets are only relayed has neither.
/// </summary>
internal sealed unsafe class OpusCodec(int sampleRate) : IAudioCodec
{
    // RFC 6716 3.2.1: the longest frame. A packet may hold several, but none of 20 ms voice comes near it.
    private const int LongestPacket = 1275;
    private const int Mono = 1;

    // Until the receiver has reported. From 25 % on the encoder makes no difference any more.
    private const int ExpectedLossPercent = 10;
    private const int MostLossPercent = 25;

    private IntPtr _encoder;
    private IntPtr _decoder;
    private int _lossPercent = ExpectedLossPercent;

    public int LargestPayload => LongestPacket;

    public int Encode(ReadOnlySpan<short> pcm, Span<byte> payload)
    {
        if (_encoder == IntPtr.Zero)
        {
            _encoder = CreateEncoder();
        }

        fixed (short* samples = pcm)
        fixed (byte* bytes = payload)
        {
            return Math.Max(0, OpusLibrary.Encode(_encoder, samples, pcm.Length, bytes, Math.Min(payload.Length, LongestPacket)));
        }
    }

    public int Decode(ReadOnlySpan<byte> payload, Span<short> pcm) => payload.IsEmpty ? 0 : Decode(payload, pcm, lookBack: false);

    public int Conceal(ReadOnlySpan<byte> next, Span<short> pcm) => Decode(next, pcm, lookBack: !next.IsEmpty);

    /// <summary>More loss counts at once, less of it by and by: it comes in bursts.</summary>
    public void OnLossReported(double share)
    {
        var reported = Math.Min(MostLossPercent, (int)Math.Round(100 * share));
        var next = reported > _lossPercent ? reported : ((3 * _lossPercent) + reported) / 4;
        if (next == _lossPercent)
        {
            return;
        }

        _lossPercent = next;
        if (_encoder != IntPtr.Zero)
        {
            Protect(_encoder);
        }
    }

    /// <summary>From the first byte alone (RFC 6716 3.1).</summary>
    public int CountSamples(ReadOnlySpan<byte> payload)
    {
        if (payload.IsEmpty)
        {
            return 0;
        }

        var config = payload[0] >> 3;

        // Frame length in units of 2.5 ms: SILK 10, 20, 40, 60 ms; hybrid 10, 20 ms; CELT 2.5, 5, 10, 20 ms.
        var units = config switch
        {
            < 12 => (config & 3) switch { 0 => 4, 1 => 8, 2 => 16, _ => 24 },
            < 16 => (config & 1) == 0 ? 4 : 8,
            _ => 1 << (config & 3),
        };
        var frames = (payload[0] & 3) switch
        {
            0 => 1,
            1 or 2 => 2,
            _ => payload.Length < 2 ? 0 : payload[1] & 0x3F,
        };
        return units * frames * (sampleRate / 400);
    }

    public void Dispose()
    {
        if (_encoder != IntPtr.Zero)
        {
            OpusLibrary.DestroyEncoder(_encoder);
            _encoder = IntPtr.Zero;
        }

        if (_decoder != IntPtr.Zero)
        {
            OpusLibrary.DestroyDecoder(_decoder);
            _decoder = IntPtr.Zero;
        }
    }

    private int Decode(ReadOnlySpan<byte> payload, Span<short> pcm, bool lookBack)
    {
        if (_decoder == IntPtr.Zero)
        {
            int error;
            _decoder = OpusLibrary.CreateDecoder(sampleRate, Mono, &error);
        }

        fixed (byte* bytes = payload)
        fixed (short* samples = pcm)
        {
            // Without data the decoder conceals; with the packet after the gap it takes the copy of the lost one out of it.
            return Math.Max(0, OpusLibrary.Decode(_decoder, bytes, payload.Length, samples, pcm.Length, lookBack ? 1 : 0));
        }
    }

    private IntPtr CreateEncoder()
    {
        int error;
        var encoder = OpusLibrary.CreateEncoder(sampleRate, Mono, OpusLibrary.ApplicationVoice, &error);

        // Measured on speech, mean distance of the spectra of what went in and came out: at 8 kHz 1.55 dB with complexity 5, 1.66 dB with 1, at
        // less than half the time; that is the rate for partners with G.711, whose own noise is above the difference. At 16 kHz 3 is as good as 5.
        var complexity = sampleRate <= 8000 ? 1 : 3;
        OpusLibrary.ControlEncoder(encoder, OpusLibrary.SetComplexity, complexity);
        OpusLibrary.ControlEncoder(encoder, OpusLibrary.SetSignal, OpusLibrary.SignalVoice);
        OpusLibrary.ControlEncoder(encoder, OpusLibrary.SetInbandFec, 1);
        OpusLibrary.ControlEncoder(encoder, OpusLibrary.SetDiscontinuous, 0);
        Protect(encoder);
        return encoder;
    }

    /// <summary>
    /// The copy of the last packet needs room: below some rate libopus leaves it out, whatever it is told of loss. Without loss it would take
    /// bits from the voice and a third of the time.
    /// </summary>
    private void Protect(IntPtr encoder)
    {
        var (plain, withCopy) = sampleRate switch { <= 8000 => (16_000, 26_000), <= 16_000 => (24_000, 28_000), _ => (32_000, 40_000) };
        OpusLibrary.ControlEncoder(encoder, OpusLibrary.SetBitrate, _lossPercent > 0 ? withCopy : plain);
        OpusLibrary.ControlEncoder(encoder, OpusLibrary.SetPacketLossPercent, _lossPercent);
    }
}
