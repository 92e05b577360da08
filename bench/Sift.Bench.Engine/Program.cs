using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using Sift.Bench.Shared;
using Sift.Workflows.Activities;
using Sift.Workflows.Definitions;
using Sift.Workflows.Engine;
using Sift.Workflows.Hosting;
using Sift.Workflows.Journal;
using ActivityContext = Sift.Workflows.Activities.ActivityContext;

// Figures of the engine alone: ./bench/run.sh engine
CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
Conditions.Print("in memory: journal entries are made and encoded, then discarded", "a step is one activity started; target 50,000 steps/s per core");
var catalog = new ActivityCatalog([new Tick()]);
var ticks = new WorkflowGraph(TickFlow().With(("isPublished", true)).AsFrozen());
var sums = new WorkflowGraph(SumFlow().With(("isPublished", true)).AsFrozen());

Core("", ticks, "tick", 20_000);
Core("engine, one thread, an activity that waits for a signal", ticks, "tick", 300_000);
Core("", sums, "event.next", 5_000);
Core("engine, one thread, Set variable with a template, If, Wait for event", sums, "event.next", 60_000);
await RuntimeAsync(instances: 1_000, signals: 300);
await IdleAsync(100_000);

void Core(string title, WorkflowGraph graph, string signal, int rounds)
{
    var state = new WorkflowCore(catalog).NewState("bench", graph);
    var now = DateTimeOffset.UnixEpoch;
    var events = 0L;
    var steps = 0L;
    var bytes = 0L;
    var allocated = GC.GetAllocatedBytesForCurrentThread();
    var watch = Stopwatch.GetTimestamp();
    Take(WorkflowCore.Activate(state, new InstanceInput(new InstanceStarted("flow", "v1", 1, [], null, null, null)), now)!);
    for (var i = 0; i < rounds; i++)
    {
        Take(WorkflowCore.Activate(state, new InstanceInput(new SignalReceived(signal, null, null, null, null)), now)!);
    }

    var seconds = Stopwatch.GetElapsedTime(watch).TotalSeconds;
    allocated = GC.GetAllocatedBytesForCurrentThread() - allocated;
    if (title.Length == 0) return;
    if (steps < rounds) throw new InvalidOperationException($"{title}: {steps} steps in {rounds} rounds; the flow does not go round.");
    Console.WriteLine(title);
    Console.WriteLine($"  {steps / seconds,12:N0} steps/s per core   {events / seconds,12:N0} events/s   {allocated / steps,6:N0} bytes allocated per step   {bytes / steps,6:N0} journal bytes per step");

    void Take(Activation activation)
    {
        foreach (var entry in JournalEncoding.Encode("bench", activation.FirstSequence, activation.At, activation.Events)) bytes += entry.Data.Length;
        events += activation.Events.Count;
        steps += activation.Steps;
    }
}

async Task RuntimeAsync(int instances, int signals)
{
    var (runtime, store) = await NewRuntimeAsync();
    await using var running = runtime;
    for (var i = 0; i < instances; i++) await runtime.StartAsync(new InstanceStart($"i{i}", "flow", null, []), default);

    var before = store.Events;
    var cpu = Process.GetCurrentProcess().TotalProcessorTime;
    var watch = Stopwatch.GetTimestamp();
    for (var round = 0; round < signals; round++)
    {
        for (var i = 0; i < instances; i++) runtime.Signal($"i{i}", new InstanceSignal("tick", null, null));
        if (round % 20 == 19) await Task.WhenAll(Enumerable.Range(0, instances).Select(i => runtime.SignalAsync($"i{i}", new InstanceSignal("none", null, null), default).AsTask()));
    }

    await Task.WhenAll(Enumerable.Range(0, instances).Select(i => runtime.SignalAsync($"i{i}", new InstanceSignal("none", null, null), default).AsTask()));
    var seconds = Stopwatch.GetElapsedTime(watch).TotalSeconds;
    var cores = (Process.GetCurrentProcess().TotalProcessorTime - cpu).TotalSeconds;
    var steps = (double)instances * signals;
    Console.WriteLine($"runtime with its mailboxes, {instances:N0} instances on {Environment.ProcessorCount} cores, the sender of the signals included");
    Console.WriteLine($"  {steps / cores,12:N0} steps/s per core   {steps / seconds,12:N0} steps/s in all   {(store.Events - before) / seconds,12:N0} events/s");
}

async Task IdleAsync(int instances)
{
    var (runtime, _) = await NewRuntimeAsync();
    await using var running = runtime;
    var before = GC.GetTotalMemory(forceFullCollection: true);
    var threads = ThreadPool.ThreadCount;
    var watch = Stopwatch.GetTimestamp();
    var input = new JsonObject { ["number"] = "+15550100200" };
    for (var i = 0; i < instances; i++) await runtime.StartAsync(new InstanceStart($"i{i:x16}", "flow", null, input), default);
    var seconds = Stopwatch.GetElapsedTime(watch).TotalSeconds;
    var each = (GC.GetTotalMemory(forceFullCollection: true) - before) / instances;
    Console.WriteLine($"{instances:N0} idle instances: {each:N0} bytes each, {instances / seconds:N0} starts/s one after another, {ThreadPool.ThreadCount - threads} more threads");
}

async Task<(WorkflowRuntime Runtime, DiscardingStore Store)> NewRuntimeAsync()
{
    var definitions = new InMemoryDefinitionStore();
    await definitions.SaveAsync([ticks.Definition], default);
    var store = new DiscardingStore();
    var runtime = new WorkflowRuntime(catalog, definitions, store, TimeProvider.System);
    runtime.Connect([]);
    return (runtime, store);
}

// Two activities in a circle, each waiting for one signal: one signal is one step.
static WorkflowDefinition TickFlow() => WorkflowDefinition.Parse("""
    {"id":"v1","definitionId":"flow","name":"Ticks","version":1,"root":{"type":"Elsa.Flowchart","version":1,"id":"root","activities":[
      {"id":"a","type":"Bench.Tick","version":1,"customProperties":{"canStartWorkflow":true},"text":{"expression":{"type":"Literal","value":"Hello"}}},
      {"id":"b","type":"Bench.Tick","version":1,"text":{"expression":{"type":"Literal","value":"Hello"}}}],
    "connections":[{"source":{"activity":"a","port":"Done"},"target":{"activity":"b","port":"In"}},{"source":{"activity":"b","port":"Done"},"target":{"activity":"a","port":"In"}}]}}
    """u8);

// What drawn flows mostly do: work out values from templates, branch, and wait for something.
static WorkflowDefinition SumFlow() => WorkflowDefinition.Parse("""
    {"id":"v1","definitionId":"flow","name":"Sums","version":1,"root":{"type":"Elsa.Flowchart","version":1,"id":"root","activities":[
      {"id":"set","name":"Set","type":"Sift.SetVariable","version":1,"customProperties":{"canStartWorkflow":true},
       "variable":{"expression":{"type":"Literal","value":"greeting"}},"value":{"expression":{"type":"Template","value":"Hello {{ outputs.Wait.payload }}, how are you?"}}},
      {"id":"if","name":"If","type":"Sift.If","version":1,"condition":{"expression":{"type":"Template","value":"{{ variables.greeting == \"x\" }}"}}},
      {"id":"wait","name":"Wait","type":"Sift.WaitForEvent","version":1,"event":{"expression":{"type":"Literal","value":"next"}}}],
    "connections":[{"source":{"activity":"set","port":"Done"},"target":{"activity":"if","port":"In"}},{"source":{"activity":"if","port":"False"},"target":{"activity":"wait","port":"In"}},
      {"source":{"activity":"wait","port":"Done"},"target":{"activity":"set","port":"In"}}]}}
    """u8);

/// <summary>Waits for one signal.</summary>
internal sealed class Tick : IActivity
{
    public ActivityDescriptor Descriptor { get; } =
        new("Bench.Tick", 1, "Bench", "Tick", "Waits for a tick.") { Inputs = [new InputDescriptor("Text", "String", "Text", null, "singleline")] };

    public void Start(ActivityContext context)
    {
        _ = context.Input<string>("Text");
        context.WaitFor("tick");
    }

    public void Resume(ActivityContext context, ActivitySignal signal) => context.Complete();
}

/// <summary>Counts what it is given and keeps nothing, so that the engine is measured and not the memory of a store.</summary>
internal sealed class DiscardingStore : IJournalStore
{
    private long _events;

    public long Events => Interlocked.Read(ref _events);

    public ValueTask AppendAsync(JournalAppend append, CancellationToken cancellationToken)
    {
        Interlocked.Add(ref _events, append.Entries.Count);
        return ValueTask.CompletedTask;
    }

    public IAsyncEnumerable<JournalEntry> ReadAsync(string instanceId, long fromSequence, CancellationToken cancellationToken) => AsyncEnumerable.Empty<JournalEntry>();

    public ValueTask<InstanceSummary?> FindAsync(string instanceId, CancellationToken cancellationToken) => new((InstanceSummary?)null);

    public IAsyncEnumerable<InstanceSummary> UnfinishedAsync(CancellationToken cancellationToken) => AsyncEnumerable.Empty<InstanceSummary>();

    public ValueTask<int> PurgeAsync(DateTimeOffset finishedBefore, int batch, CancellationToken cancellationToken) => new(0);
}
