using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging.Abstractions;
using Sift.Activities.Calls;
using Sift.Activities.Connections;
using Sift.Activities.Webhooks;
using Sift.Media.Legs;
using Sift.Workflows.Activities;
using Sift.Workflows.Definitions;
using Sift.Workflows.Hosting;
using Sift.Workflows.Journal;

namespace Sift.Activities.Tests.Fixtures;

/// <summary>Everything but phones, network and disk: the real engine, call control and pipeline under a clock the test moves.</summary>
internal sealed class CallBench : IAsyncDisposable, INumberDirectory
{
    public const string Account = "1122334455667788";
    public const string Application = "0f1e2d3c4b5a6978";
    public const string Number = "+15550100300";
    public const string Caller = "+15550100200";
    public const string CallId = "7a6b5c4d3e2f1a0b";

    private CallBench(FakeStorage storage, ManualTime time, CallOptions options)
    {
        (Storage, Time) = (storage, time);
        Legs.Trouble = () => string.Join('\n', ControlLog.Errors.Concat(PipelineLog.Errors));
        Definitions = new InMemoryDefinitionStore();
        Runtime = new WorkflowRuntime(new ActivityCatalog(CallActivities.All(options)), Definitions, Storage, Time);
        Pipeline = new DeliveryPipeline(Storage, Storage, Receiver, () => Runtime, Time, PipelineLog);
        var services = new CallServices(() => Legs, () => Runtime, this, Storage, Storage, Pipeline, options, Time);
        Control = new CallControl(services, ControlLog);
        Runtime.Connect([Control.EffectHandler, Pipeline], Control.Recovery, [Control]);
    }

    public ErrorLog<DeliveryPipeline> PipelineLog { get; } = new();

    public ErrorLog<CallControl> ControlLog { get; } = new();

    public FakeStorage Storage { get; }

    public ManualTime Time { get; }

    public FakeLegs Legs { get; } = new();

    public FakeReceiver Receiver { get; } = new();

    public InMemoryDefinitionStore Definitions { get; }

    public WorkflowRuntime Runtime { get; }

    public DeliveryPipeline Pipeline { get; }

    public CallControl Control { get; }

    public LegId Leg { get; } = new(CallId);

    public ApplicationPlan? Plan { get; set; } = new(Account, Application, "https://app.example.com/incoming", null, "immediately", null, null, null);

    public static async Task<CallBench> StartAsync(FakeStorage? storage = null, ManualTime? time = null, CallOptions? options = null)
    {
        var bench = new CallBench(storage ?? new FakeStorage(), time ?? new ManualTime(), options ?? new CallOptions());
        var folder = Path.Combine(Repository.Root, "workflows");
        await bench.Definitions.SaveAsync([.. (await DefinitionFiles.ReadAsync(folder, default)).Select(static definition => definition.AsFrozen())], default);
        return bench;
    }

    /// <summary>A call that is up and runs that routine.</summary>
    public static async Task<CallBench> RunningAsync(string routine, string answer = "immediately", CallOptions? options = null)
    {
        var bench = await StartAsync(options: options);
        bench.Plan = bench.Plan! with { OnIncoming = null, DefaultRoutine = System.Text.Json.JsonElement.Parse(routine), Answer = answer };
        bench.Call();
        if (answer == "immediately")
        {
            await bench.Legs.NextAsync<AnswerLeg>();
            bench.Tell(new LegAnswered(bench.Leg));
        }
        else
        {
            await bench.Legs.NextAsync<RingLeg>();
        }

        return bench;
    }

    public void Call() => Tell(new LegIncoming(Leg, Caller, Number, "sandbox"));

    public void Tell(LegEvent legEvent) => Control.OnLegEvent(legEvent);

    public void Press(string digits)
    {
        foreach (var digit in digits)
        {
            Tell(new LegDigit(Leg, digit, DigitSource.TelephoneEvent));
        }
    }

    public void Finish(PlayOnLeg play, PlaybackEnd end = PlaybackEnd.Completed) => Tell(new PlaybackFinished(play.Leg, play.Playback, end));

    /// <summary>Completes when everything told before has been taken in.</summary>
    public Task SettleAsync() => Soon.Within(Runtime.SignalAsync(CallId, new("test.settled", null, null), default).AsTask(), "the instance");

    /// <summary>The caller hangs up; what is left of the call is checked.</summary>
    public async Task<Connection> HangUpAsync()
    {
        Tell(new LegEnded(Leg, LegEndCause.RemoteHangUp, null, "BYE"));
        return await Storage.EndedAsync(CallId);
    }

    public async Task<string> JournalAsync(string id = CallId)
    {
        // What a leg is asked may be seen before its entry is stored; what is stored after it cannot.
        await Runtime.SignalAsync(id, new Sift.Workflows.Engine.InstanceSignal("test.settled", null, null), default);
        var text = new StringBuilder();
        await foreach (var entry in Storage.ReadAsync(id, 1, default))
        {
            text.Append(entry.Kind).Append(' ').AppendLine(Encoding.UTF8.GetString(entry.Data.Span));
        }

        return text.ToString();
    }

    public ValueTask<ApplicationPlan?> FindByNumberAsync(string number, CancellationToken cancellationToken) => new(number == Number ? Plan : null);

    public ValueTask<ApplicationPlan?> FindByApplicationAsync(string accountId, string applicationId, CancellationToken cancellationToken) =>
        new(accountId == Account && applicationId == Application ? Plan : null);

    public ValueTask<string?> FirstNumberAsync(string accountId, CancellationToken cancellationToken) => new("+15550100999");

    public async ValueTask DisposeAsync()
    {
        Pipeline.Dispose();
        await Runtime.DisposeAsync();
    }
}

internal static class Repository
{
    public static string Root { get; } = Find();

    private static string Find()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Sift.sln")))
        {
            folder = folder.Parent;
        }

        return folder?.FullName ?? throw new InvalidOperationException("The repository was not found above the tests.");
    }
}
