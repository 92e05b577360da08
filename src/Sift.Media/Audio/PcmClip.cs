namespace Sift.Media.Audio;

/// <summary>How far a clip has come.</summary>
internal enum PcmClipState { Filling, Complete, Failed }

/// <summary>
/// Mono PCM16 at one rate that one writer appends to while any number of readers, each with its own position, play it. Readers take no
/// lock and allocate nothing: a sample is visible once <see cref="Length"/> covers it, and published samples never move.
/// </summary>
internal sealed class PcmClip(int sampleRate)
{
    private readonly TaskCompletionSource _finished = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private short[][] _chunks = new short[8][];
    private int _length;
    private int _state;

    public int SampleRate { get; } = sampleRate;

    public int Length => Volatile.Read(ref _length);

    /// <summary>Read this before <see cref="Length"/>: once it is not Filling, the length is final.</summary>
    public PcmClipState State => (PcmClipState)Volatile.Read(ref _state);

    /// <summary>Why it failed, for people.</summary>
    public string? Error { get; private set; }

    /// <summary>Completes, never faults, when the clip is complete or failed.</summary>
    public Task Finished => _finished.Task;

    public TimeSpan Duration => TimeSpan.FromSeconds((double)Length / SampleRate);

    public void Append(ReadOnlySpan<short> samples)
    {
        var length = _length;
        while (!samples.IsEmpty)
        {
            var (chunk, offset) = Math.DivRem(length, ChunkSamples);
            var n = Math.Min(samples.Length, ChunkSamples - offset);
            samples[..n].CopyTo(ChunkFor(chunk).AsSpan(offset));
            samples = samples[n..];
            length += n;
        }

        Volatile.Write(ref _length, length);
    }

    public void Complete() => Finish(PcmClipState.Complete);

    public void Fail(string error)
    {
        Error = error;
        Finish(PcmClipState.Failed);
    }

    /// <summary>Copies what is there from <paramref name="position"/> on; returns how much.</summary>
    public int Read(int position, Span<short> target)
    {
        // Length first: chunks read afterwards are at least as new as the length.
        var total = Math.Min(Length - position, target.Length);
        var chunks = Volatile.Read(ref _chunks);
        for (var done = 0; done < total;)
        {
            var (chunk, offset) = Math.DivRem(position + done, ChunkSamples);
            var n = Math.Min(total - done, ChunkSamples - offset);
            chunks[chunk].AsSpan(offset, n).CopyTo(target[done..]);
            done += n;
        }

        return Math.Max(total, 0);
    }

    /// <summary>A copy of the whole clip as little-endian bytes, for the disk.</summary>
    public byte[] ToBytes()
    {
        var samples = new short[Length];
        _ = Read(0, samples);
        return System.Runtime.InteropServices.MemoryMarshal.AsBytes(samples.AsSpan()).ToArray();
    }

    private short[] ChunkFor(int index)
    {
        if (index >= _chunks.Length)
        {
            var larger = new short[_chunks.Length * 2][];
            _chunks.CopyTo(larger, 0);
            Volatile.Write(ref _chunks, larger);
        }

        return _chunks[index] ??= new short[ChunkSamples];
    }

    private void Finish(PcmClipState state)
    {
        if (Interlocked.CompareExchange(ref _state, (int)state, (int)PcmClipState.Filling) == (int)PcmClipState.Filling)
        {
            _finished.SetResult();
        }
    }

    private const int ChunkSamples = 4096;
}
