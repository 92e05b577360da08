using Microsoft.Extensions.Logging;
using Sift.Workflows.Journal;

namespace Sift.Workflows.Hosting;

/// <summary>Appends to the store, repeating while it fails for a passing reason.</summary>
internal sealed class JournalWriter(IJournalStore store, TimeProvider time, WorkflowRuntimeOptions options, WorkflowMetrics metrics, ILogger logger, CancellationToken stopping)
{
    /// <exception cref="JournalConflictException">Another owner has appended.</exception>
    public async ValueTask AppendAsync(JournalAppend append)
    {
        var began = time.GetTimestamp();
        var delay = s_firstDelay;
        var repeated = false;
        var deadline = append.Entries[0].Sequence == 1 ? options.StartDeadline : options.AppendDeadline;
        while (true)
        {
            try
            {
                await store.AppendAsync(append, stopping).ConfigureAwait(false);
                break;
            }
            catch (JournalConflictException) when (repeated)
            {
                // The attempt that seemed to fail may have been committed after all.
                if (await IsStoredAsync(append).ConfigureAwait(false)) break;
                throw;
            }
            catch (Exception e) when (e is not JournalConflictException and not OperationCanceledException)
            {
                if (time.GetElapsedTime(began) >= deadline) throw;
                RuntimeLog.AppendRepeated(logger, e, append.InstanceId, delay);
            }

            repeated = true;
            await Task.Delay(delay, time, stopping).ConfigureAwait(false);
            delay = delay * 2 > s_longestDelay ? s_longestDelay : delay * 2;
        }

        metrics.Events.Add(append.Entries.Count);
        metrics.Commit.Record(time.GetElapsedTime(began).TotalMilliseconds);
    }

    private async ValueTask<bool> IsStoredAsync(JournalAppend append)
    {
        var index = 0;
        await foreach (var stored in store.ReadAsync(append.InstanceId, append.Entries[0].Sequence, stopping).ConfigureAwait(false))
        {
            if (index == append.Entries.Count) return false;
            var ours = append.Entries[index++];
            if (stored.Kind != ours.Kind || stored.At != ours.At || !stored.Data.Span.SequenceEqual(ours.Data.Span)) return false;
        }

        return index == append.Entries.Count;
    }

    private static readonly TimeSpan s_firstDelay = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan s_longestDelay = TimeSpan.FromSeconds(5);
}
