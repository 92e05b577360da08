namespace Sift.Media.Legs;

/// <summary>Names one leg: a media connection with one phone or browser. Sift uses the connection id (16 lower-case hex digits).</summary>
public readonly record struct LegId(string Value)
{
    public override string ToString() => Value;
}

/// <summary>Names one playback on a leg, chosen by whoever starts it.</summary>
public readonly record struct PlaybackId(string Value)
{
    public override string ToString() => Value;
}
