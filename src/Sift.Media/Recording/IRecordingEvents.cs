using Sift.Media.Legs;

namespace Sift.Media.Recording;

/// <summary>What becomes of recordings. Called on the thread that writes them; may block, but then all recordings wait.</summary>
public interface IRecordingEvents
{
    /// <summary>The first sound of a recording is about to be written.</summary>
    void OnRecording(RecordingStarted started);

    /// <summary>The file of a recording is complete and on the disk, or given up. Once for every one that started.</summary>
    void OnRecorded(RecordingEnded ended);
}

/// <summary>A recording began.</summary>
/// <param name="Recording">Its id; the file is called so.</param>
/// <param name="Leg">The leg that is recorded: what it says on the left, what it hears on the right.</param>
/// <param name="With">The leg it talks with; null when there is none.</param>
/// <param name="At">When, UTC.</param>
/// <param name="SampleRate">Hertz.</param>
public sealed record RecordingStarted(string Recording, LegId Leg, LegId? With, DateTimeOffset At, int SampleRate);

/// <summary>A recording ended.</summary>
/// <param name="Recording">Its id.</param>
/// <param name="Duration">Of what can be heard.</param>
/// <param name="Bytes">Size of the file.</param>
/// <param name="Error">Why it is cut off or lost, for people; null when it is whole.</param>
public sealed record RecordingEnded(string Recording, TimeSpan Duration, long Bytes, string? Error);
