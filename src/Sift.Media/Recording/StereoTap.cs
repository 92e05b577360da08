using Sift.Media.Rtp;

namespace Sift.Media.Recording;

/// <summary>
/// Takes both directions of a session from its media thread to the thread that writes files: one writer, one reader, no lock, no
/// allocation. Entries are the samples per direction, the rate in hundreds of hertz, and then the samples, received and sent by turns.
/// </summary>
internal sealed class StereoTap : IAudioTap
{
    public const int LargestFrame = 48_000 / 50;

    // 128 KB: four seconds of telephone sound, 0.7 s at 48 kHz, while the disk is busy.
    private const int Capacity = 1 << 16;
    private const int HeadSize = 2;

    private readonly short[] _ring = GC.AllocateUninitializedArray<short>(Capacity);
    private int _written;
    private int _read;
    private int _missed;
    private int _ended;

    /// <summary>No frame comes any more.</summary>
    public bool HasEnded => Volatile.Read(ref _ended) == 1;

    public void OnFrame(ReadOnlySpan<short> received, ReadOnlySpan<short> sent, int sampleRate)
    {
        var size = HeadSize + (2 * received.Length);
        if (received.Length is 0 or > LargestFrame || received.Length != sent.Length || Capacity - (_written - Volatile.Read(ref _read)) < size)
        {
            Interlocked.Increment(ref _missed);
            return;
        }

        var at = _written;
        _ring[at++ & (Capacity - 1)] = (short)received.Length;
        _ring[at++ & (Capacity - 1)] = (short)(sampleRate / 100);
        for (var i = 0; i < received.Length; i++)
        {
            _ring[at++ & (Capacity - 1)] = received[i];
            _ring[at++ & (Capacity - 1)] = sent[i];
        }

        Volatile.Write(ref _written, at);
    }

    public void OnEnd() => Volatile.Write(ref _ended, 1);

    /// <summary>Takes the next frame out.</summary>
    /// <param name="received">Room for <see cref="LargestFrame"/>.</param>
    /// <param name="sent">Room for <see cref="LargestFrame"/>.</param>
    /// <param name="sampleRate">Of this frame.</param>
    /// <returns>Samples per direction; 0 when nothing waits.</returns>
    public int Read(Span<short> received, Span<short> sent, out int sampleRate)
    {
        var at = _read;
        if (at == Volatile.Read(ref _written))
        {
            sampleRate = 0;
            return 0;
        }

        var length = _ring[at++ & (Capacity - 1)];
        sampleRate = _ring[at++ & (Capacity - 1)] * 100;
        for (var i = 0; i < length; i++)
        {
            received[i] = _ring[at++ & (Capacity - 1)];
            sent[i] = _ring[at++ & (Capacity - 1)];
        }

        Volatile.Write(ref _read, at);
        return length;
    }

    /// <summary>Frames of 20 ms that found no room since the last time this was asked.</summary>
    public int TakeMissed() => Interlocked.Exchange(ref _missed, 0);
}
