using Sift.Workflows.Activities;
using Sift.Workflows.Engine;
using Sift.Workflows.Journal;

namespace Sift.Workflows.Hosting;

/// <summary>What one activation has to have written, and what may happen once it is.</summary>
/// <param name="Done">Hears when it is durable; null when nobody asks.</param>
internal sealed record Commit(
    JournalEntry[] Entries,
    InstanceSummary Summary,
    IReadOnlyList<object> Attachments,
    IReadOnlyList<PendingEffect> Effects,
    long FirstSequence,
    TaskCompletionSource<bool>? Done)
{
    /// <summary>The at-most-once effect whose start these entries record.</summary>
    public long? Begins { get; init; }

    /// <summary>Something waits for these entries to be durable.</summary>
    public bool HoldsEffects => Begins is not null || Effects.Any(static effect => effect.Effect.Guarantee != EffectGuarantee.Local);

    /// <summary>Whether somebody or something outside waits for what was decided.</summary>
    public static bool IsAwaited(Activation activation)
    {
        foreach (var effect in activation.Effects)
        {
            if (effect.Effect.Guarantee != EffectGuarantee.Local) return true;
        }

        foreach (var attachment in activation.Attachments)
        {
            if (attachment is not IDeferrableRow) return true;
        }

        return false;
    }

    /// <summary>One append of what gathered while the last one was under way.</summary>
    public static JournalAppend Merge(string instanceId, List<Commit> batch)
    {
        if (batch is [var only]) return new JournalAppend(instanceId, only.Entries, only.Summary, only.Attachments);

        var entries = new List<JournalEntry>();
        var attachments = new List<object>();
        foreach (var commit in batch)
        {
            entries.AddRange(commit.Entries);
            attachments.AddRange(commit.Attachments);
        }

        return new JournalAppend(instanceId, entries, batch[^1].Summary, attachments);
    }
}
