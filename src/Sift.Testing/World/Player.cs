using Sift.Media.Legs;

namespace Sift.Testing.World;

/// <summary>The playback that runs on a leg, and where in it.</summary>
internal sealed class Player
{
    private int _next;

    public PlayOnLeg? Current { get; private set; }

    /// <summary>What its person hears of it now; null in silence.</summary>
    public HeardItem? Item { get; set; }

    /// <summary>Changes with every source, so that the end of an old one is known as such.</summary>
    public int Turn { get; private set; }

    public void Take(PlayOnLeg play)
    {
        Current = play;
        _next = 0;
    }

    /// <summary>The next source; null at the end.</summary>
    public PlaySource? Next()
    {
        Turn++;
        if (Current is not { Sources.Count: > 0 } play)
        {
            return null;
        }

        if (_next == play.Sources.Count && play.Loop)
        {
            _next = 0;
        }

        return _next < play.Sources.Count ? play.Sources[_next++] : null;
    }

    /// <summary>Stops; returns what ran.</summary>
    public PlayOnLeg? Leave()
    {
        var left = Current;
        Current = null;
        Turn++;
        return left;
    }
}
