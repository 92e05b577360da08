using Sift.Web.Storage;
using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.SignalR;
using Sift.Web.Studio.Instances;
using Sift.Workflows.Engine;
using Sift.Workflows.Journal;

namespace Sift.Web.Studio.Live;

/// <summary>
/// Tells viewers what has become durable. An instance that nobody looks at costs one look-up per commit; one that somebody looks at is
/// reported at most ten times a second, whatever happens to it.
/// </summary>
internal sealed partial class LiveUpdates(IHubContext<WorkflowInstanceHub> hub, IServiceProvider services, TimeProvider time, ILogger<LiveUpdates> logger) : IInstanceObserver
{
    private static readonly TimeSpan Gathering = TimeSpan.FromMilliseconds(100);

    private readonly ConcurrentDictionary<string, Watched> watched = new(StringComparer.Ordinal);

    // Of those who come and go; commits only look up.
    private readonly Lock counting = new();

    /// <summary>Instances that somebody looks at.</summary>
    public int Count => watched.Count;

    public void Observe(string instanceId)
    {
        lock (counting)
        {
            watched.GetOrAdd(instanceId, static _ => new Watched()).Viewers++;
        }
    }

    public void Leave(string instanceId)
    {
        lock (counting)
        {
            if (watched.TryGetValue(instanceId, out var known) && --known.Viewers == 0)
            {
                watched.TryRemove(instanceId, out _);
            }
        }
    }

    public void OnCommitted(InstanceSummary summary, IReadOnlyList<JournalEntry> entries)
    {
        if (!watched.TryGetValue(summary.InstanceId, out var known))
        {
            return;
        }

        known.Latest = summary;
        if (Interlocked.Exchange(ref known.IsDue, 1) == 0)
        {
            _ = SendAsync(known);
        }
    }

    private async Task SendAsync(Watched known)
    {
        try
        {
            await Task.Delay(Gathering, time);
            Volatile.Write(ref known.IsDue, 0);
            var summary = known.Latest!;

            // Looked up late: the reader needs the store, which needs nothing of this.
            if (await services.GetRequiredService<InstanceReader>().ReadAsync(summary, CancellationToken.None) is not { } file)
            {
                return;
            }

            var viewers = hub.Clients.Group(summary.InstanceId);
            var changed = new JsonArray();
            foreach (var stats in file.View.Stats())
            {
                if (!known.Sent.TryGetValue(stats.NodeId, out var before) || before != stats)
                {
                    known.Sent[stats.NodeId] = stats;
                    changed.Add(ActivityRecords.Stats(stats.NodeId, stats));
                }
            }

            if (changed.Count > 0)
            {
                await viewers.SendAsync("ActivityExecutionLogUpdatedAsync", new JsonObject { ["stats"] = changed });
            }

            await viewers.SendAsync("WorkflowExecutionLogUpdatedAsync", new JsonObject());
            await viewers.SendAsync("WorkflowInstanceUpdatedAsync", new JsonObject { ["workflowInstanceId"] = summary.InstanceId });
        }
#pragma warning disable CA1031 // the loop that owns the work: a viewer that misses an update reads it with the next one
        catch (Exception problem)
#pragma warning restore CA1031
        {
            LogFailed(problem);
        }
    }

    [LoggerMessage(1300, LogLevel.Warning, "Viewers could not be told about a change")]
    private partial void LogFailed(Exception problem);

    private sealed class Watched
    {
        public int Viewers;
        public int IsDue;
        public volatile InstanceSummary? Latest;

        public ConcurrentDictionary<string, NodeStats> Sent { get; } = new(StringComparer.Ordinal);
    }
}
