namespace Sift.Bench.Load;

/// <summary>One call as the generator saw it. Times are Stopwatch ticks; zero means it did not happen.</summary>
internal sealed class CallRecord
{
    public required int Index { get; init; }
    public required string CallId { get; init; }
    public required string FromTag { get; init; }
    public long InviteAt { get; set; }
    public long AnsweredAt { get; set; }
    public long EndedAt { get; set; }
    public long FirstAudioAt { get; set; }
    public long FirstSoundAt { get; set; }
    public long LastAudioAt { get; set; }
    public long LargestGap { get; set; }
    public int Packets { get; set; }
    public int FinalStatus { get; set; }
    public int InviteSends { get; set; }
    public string? ToHeader { get; set; }
    public string? RemoteTarget { get; set; }
    public int RemoteMediaPort { get; set; }
    public bool Ended => EndedAt != 0;
    public bool Answered => AnsweredAt != 0;
}
