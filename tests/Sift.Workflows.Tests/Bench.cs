using System.Text.Json.Nodes;
using Sift.Testing;
using Sift.Workflows.Activities;
using Sift.Workflows.Definitions;
using Sift.Workflows.Engine;
using Sift.Workflows.Hosting;
using Sift.Workflows.Journal;

namespace Sift.Workflows.Tests;

/// <summary>A runtime on virtual time with a journal in memory, and the activities of the tests.</summary>
internal sealed class Bench : IAsyncDisposable
{
    public Bench(InMemoryJournalStore? journal = null, VirtualTime? time = null, InMemoryDefinitionStore? definitions = null, WorkflowRuntimeOptions? options = null)
    {
        Journal = journal ?? new InMemoryJournalStore();
        Time = time ?? new VirtualTime();
        Definitions = definitions ?? new InMemoryDefinitionStore();
        Runtime = new WorkflowRuntime(Catalog, Definitions, Journal, Time, options ?? Options);
    }

    public static ActivityCatalog Catalog { get; } = new([new Probe(), new Loop(), new Routine(), new Throwing(), new ThreeEffects()]);

    public static WorkflowRuntimeOptions Options { get; } = new();

    public InMemoryJournalStore Journal { get; }

    public VirtualTime Time { get; }

    public InMemoryDefinitionStore Definitions { get; }

    public RecordingHandler Effects { get; } = new();

    public WorkflowRuntime Runtime { get; }

    public Bench Connected(IInstanceRecovery? recovery = null, IEnumerable<IInstanceObserver>? observers = null)
    {
        Effects.Runtime = Runtime;
        Runtime.Connect([Effects], recovery, observers);
        return this;
    }

    public async Task<string> StartAsync(WorkflowDefinition definition, JsonObject? input = null, string id = "i1")
    {
        await Definitions.SaveAsync([definition.With(("isPublished", true)).AsFrozen()], CancellationToken.None);
        await Runtime.StartAsync(new InstanceStart(id, definition.DefinitionId, null, input ?? []), CancellationToken.None);
        return id;
    }

    public Task SignalAsync(string instance, string name, string? key = null, JsonNode? payload = null) =>
        Runtime.SignalAsync(instance, new InstanceSignal(name, key, payload), CancellationToken.None).AsTask();

    public async Task<List<JournalEntry>> EntriesAsync(string instance = "i1")
    {
        var entries = new List<JournalEntry>();
        await foreach (var entry in Journal.ReadAsync(instance, 1, CancellationToken.None)) entries.Add(entry);
        return entries;
    }

    public async Task<List<JournalEvent>> EventsAsync(string instance = "i1") =>
        [.. (await EntriesAsync(instance)).Select(entry => JournalEncoding.Decode(entry))];

    public async Task<InstanceSummary> SummaryAsync(string instance = "i1") =>
        (await Journal.FindAsync(instance, CancellationToken.None))!;

    /// <summary>What a killed process leaves, taken up by a new one at the same time of day.</summary>
    public Bench AfterCrash() => new(Journal.Crash(), Time, Definitions);

    public ValueTask DisposeAsync() => Runtime.DisposeAsync();
}
