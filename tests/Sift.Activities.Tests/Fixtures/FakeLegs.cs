using System.Threading.Channels;
using Sift.Media.Legs;

namespace Sift.Activities.Tests.Fixtures;

/// <summary>Notes what is asked of legs; the test plays the phones.</summary>
internal sealed class FakeLegs : ILegs
{
    private readonly Channel<LegCommand> _commands = Channel.CreateUnbounded<LegCommand>();
    private readonly List<LegCommand> _all = [];

    public IReadOnlyList<LegCommand> All
    {
        get
        {
            lock (_all)
            {
                return [.. _all];
            }
        }
    }

    public void Post(LegCommand command)
    {
        lock (_all)
        {
            _all.Add(command);
        }

        if (!IsBackground(command))
        {
            _commands.Writer.TryWrite(command);
        }
    }

    /// <summary>The next command that is not about background tones; it must be of that type.</summary>
    public async Task<T> NextAsync<T>()
        where T : LegCommand
    {
        var command = await Soon.Within(_commands.Reader.ReadAsync().AsTask(), typeof(T).Name);
        Assert.True(command is T, $"Expected {typeof(T).Name}, got {command}. {Trouble()}");
        return (T)command;
    }

    /// <summary>What the code under test has logged as errors, for the message of a failing test.</summary>
    public Func<string> Trouble { get; set; } = static () => "";

    public bool HasNext => _commands.Reader.TryPeek(out _);

    public ValueTask<LegSnapshot?> SnapshotAsync(LegId leg, CancellationToken cancellationToken) => new((LegSnapshot?)null);

    public ValueTask<bool> RestoreAsync(LegSnapshot snapshot, CancellationToken cancellationToken) => new(false);

    private static bool IsBackground(LegCommand command) => command switch
    {
        PlayOnLeg play => play.Playback.Value.StartsWith("bg:", StringComparison.Ordinal),
        StopPlayback stop => stop.Playback.Value.StartsWith("bg:", StringComparison.Ordinal),
        _ => false,
    };
}
