using Sift.Media.Rtp;

namespace Sift.Media.WebRtc.Opus;

/// <summary>
/// Opus (RFC 6716) as RFC 7587 carries it: mono, in-band FEC on, DTX off. Encoder and decoder are made at their first use, so that a leg
/// whose packets are only relayed has neither.
/// </summary>
internal sealed unsafe class OpusCodec(int sampleRate) : IAudioCodec
{
    // RFC 6716 3.2.1: the longest frame. A packet may hold several, but none of 20 ms voice comes near it.
    private const int LongestPacket = 1275;
    private const int Mono = 1;

    // Half of the possible: the rest costs twice the time for a difference that telephony does not hear.
    private const int Complexity = 5;
    private const int ExpectedLossPercent = 10;

    private IntPtr _encoder;
    private IntPtr _decoder;

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
        var bitrate = sampleRate switch { <= 8000 => 16_000, <= 16_000 => 24_000, _ => 32_000 };
        OpusLibrary.ControlEncoder(encoder, OpusLibrary.SetBitrate, bitrate);
        OpusLibrary.ControlEncoder(encoder, OpusLibrary.SetComplexity, Complexity);
        OpusLibrary.ControlEncoder(encoder, OpusLibrary.SetSignal, OpusLibrary.SignalVoice);
        OpusLibrary.ControlEncoder(encoder, OpusLibrary.SetInbandFec, 1);
        OpusLibrary.ControlEncoder(encoder, OpusLibrary.SetPacketLossPercent, ExpectedLossPercent);
        OpusLibrary.ControlEncoder(encoder, OpusLibrary.SetDiscontinuous, 0);
        return encoder;
    }
}
