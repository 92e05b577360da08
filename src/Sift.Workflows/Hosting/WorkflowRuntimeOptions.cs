namespace Sift.Workflows.Hosting;

/// <summary>Limits of the runtime.</summary>
public sealed record WorkflowRuntimeOptions
{
    /// <summary>An instance with this many uncommitted entries takes no more signals until the store has caught up.</summary>
    public int MaxUncommittedEntries { get; init; } = 2_000;

    /// <summary>How long an append that nothing waits for may wait for others to share its transaction; zero commits each at once.</summary>
    public TimeSpan CommitDeferral { get; init; }

    /// <summary>Signals waiting for one instance beyond this number are dropped and counted.</summary>
    public int MaxQueuedSignals { get; init; } = 10_000;

    /// <summary>How many starts may wait for their commit at once; further callers of StartAsync wait.</summary>
    public int MaxConcurrentStarts { get; init; } = 4_096;

    /// <summary>How long a finished instance whose effects are not reported done stays in memory.</summary>
    public TimeSpan FinishedLinger { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>How long a failing append is repeated before the local copy is given up.</summary>
    public TimeSpan AppendDeadline { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>For how long the first append of an instance is repeated: somebody waits to hear whether it was accepted.</summary>
    public TimeSpan StartDeadline { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How many instances are read at the same time after a start.</summary>
    public int RecoveryParallelism { get; init; } = 4;

    /// <summary>Who does the work.</summary>
    public IWorkQueue Queue { get; init; } = ThreadPoolQueue.Instance;
}
