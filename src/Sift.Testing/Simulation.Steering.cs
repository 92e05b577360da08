using System.Text.Json.Nodes;
using Sift.Activities.Calls;
using Sift.Testing.World;
using Sift.Workflows.Definitions;
using Sift.Workflows.Engine;

namespace Sift.Testing;

/// <summary>What moves a simulation: calls, events, time, restarts.</summary>
public sealed partial class Simulation
{
    /// <summary>Somebody calls. Completes when the call is answered, or over.</summary>
    /// <param name="from">The caller's number, or <c>webrtc:name</c> for a browser client.</param>
    /// <param name="to">The number called; any number is the application's.</param>
    /// <param name="script">What the caller does by themselves; null when the test steers.</param>
    /// <param name="clientData">JSON that a browser client passes to <c>connect()</c>.</param>
    public Task<SimulatedCall> CallAsync(string from = "+15550100200", string to = "+15550100300", Action<CallerScript>? script = null, string? clientData = null) => SteerAsync(async () =>
    {
        await EnsureStartedAsync().ConfigureAwait(false);
        CallerScript? steps = null;
        if (script is not null)
        {
            script(steps = new CallerScript());
        }

        var leg = Network.Call(from, to, steps, clientData);
        var call = new SimulatedCall(this, leg);
        if (!_options.AnswerOnDemand)
        {
            await RunUntilAsync(() => leg.Stage != LegStage.Ringing, Clock.GetUtcNow() + TimeSpan.FromMinutes(1)).ConfigureAwait(false);
        }

        return call;
    });

    /// <summary>
    /// Sift places a call, as <c>POST /v0/connections</c> does: with the flow or routine of the simulation, or with <c>status_url</c> at the
    /// simulated server. <see cref="Phone(string)"/> says how the phone takes it. Completes when the call is accepted; it may ring, or be dialled,
    /// later.
    /// </summary>
    /// <param name="to">The number to call.</param>
    /// <param name="callerId">The number shown; null for that of the account.</param>
    /// <param name="ringTimeout">How long it may ring; 60 s when null.</param>
    /// <param name="input">Values for the inputs of the flow.</param>
    public Task<SimulatedCall> PlaceCallAsync(string to, string? callerId = null, TimeSpan? ringTimeout = null, JsonObject? input = null) => SteerAsync(async () =>
    {
        await EnsureStartedAsync().ConfigureAwait(false);
        var id = Network.NewId();
        var plan = _numbers.Plan;
        var request = new PlaceConnection(id, plan.AccountId, to, plan.OnIncoming is null ? null : new Uri(new Uri(plan.OnIncoming), "status").AbsoluteUri, callerId, ringTimeout)
        {
            Routine = plan.DefaultRoutine is { } routine ? JsonArray.Create(routine) : null,
            WorkflowId = plan.WorkflowId,
            Input = input,
        };
        Network.Note("Sift", $"is asked to call {to}");
        _pump.Enqueue(() => _ = Server.Calls.PlaceAsync(request, CancellationToken.None).AsTask());
        await SettleAsync().ConfigureAwait(false);
        return new SimulatedCall(this, id, to);
    });

    /// <summary>Publishes a flow; a later version of one that is published takes the place of it for new calls, and calls that are up keep theirs.</summary>
    /// <exception cref="SimulationException">It cannot run; the message lists everything that is wrong.</exception>
    public Task PublishAsync(string flow) => SteerAsync(async () =>
    {
        await EnsureStartedAsync().ConfigureAwait(false);
        await PublishAsync(Parse(flow) as JsonObject ?? throw new SimulationException("This is no flow.")).ConfigureAwait(false);
        return true;
    });

    /// <summary>Sends an event to every call that is up, as <c>POST /v0/instances/{id}/events</c> does to one; a WaitForEvent goes on with it.</summary>
    /// <param name="name">The name of the event.</param>
    /// <param name="payload">What is sent along.</param>
    /// <param name="key">The key of the event; null for none.</param>
    public Task SendEventAsync(string name, JsonNode? payload = null, string? key = null) => SteerAsync(async () =>
    {
        Network.Note("Somebody", $"sends the event {name}");
        foreach (var id in Storage.Instances)
        {
            Server.Runtime.Signal(id, new InstanceSignal(EventSignals.NameOf(name), key, payload));
        }

        await SettleAsync().ConfigureAwait(false);
        return true;
    });

    /// <summary>Lets virtual time pass.</summary>
    public Task PassAsync(TimeSpan time) => SteerAsync(() => RunUntilAsync(static () => false, Clock.GetUtcNow() + time));

    /// <summary>Lets virtual time pass until all calls are over and every webhook is told or given up.</summary>
    public Task FinishAsync() => SteerAsync(() => RunUntilAsync(static () => false, DateTimeOffset.MaxValue));

    /// <summary>
    /// kill -9 and a new start on the same data. Calls that were up are over: their phones hear nothing any more. What must not be lost is
    /// not lost, and what must not be done twice is not done twice.
    /// </summary>
    public Task RestartAsync() => SteerAsync(async () =>
    {
        if (!_isPrepared)
        {
            await EnsureStartedAsync().ConfigureAwait(false);
        }

        if (_server is not null)
        {
            Kill();
        }

        StartServer();
        await Server.RecoverAsync().ConfigureAwait(false);
        await SettleAsync().ConfigureAwait(false);
        return true;
    });

    /// <summary>The server stops between two instructions.</summary>
    internal void Kill()
    {
        Network.Note("Sift", "is killed");
        Storage = Server.Kill();
        _server = null;
        Network.Lose();
    }

    internal bool IsRunning => _server is not null;

    internal async Task<T> SteerAsync<T>(Func<Task<T>> work)
    {
        if (SimulatedWeb.IsAnswering)
        {
            throw new SimulationException("An answer is being made; the simulation waits for it and cannot be steered meanwhile.");
        }

        await _steering.WaitAsync().ConfigureAwait(false);
        try
        {
            // Away from the test's synchronisation context: whatever goes on, goes on here.
            return await Task.Run(work).ConfigureAwait(false);
        }
        finally
        {
            _steering.Release();
        }
    }

    internal Task SettleAsync() => _pump.SettleAsync(_options.Patience);

    /// <summary>Lets time pass until something holds. False when it does not hold at the limit, or nothing is left that could happen.</summary>
    internal async Task<bool> RunUntilAsync(Func<bool> holds, DateTimeOffset limit, Func<DateTimeOffset?>? lookAt = null)
    {
        while (true)
        {
            await SettleAsync().ConfigureAwait(false);
            if (holds())
            {
                return true;
            }

            var until = lookAt?.Invoke() is { } look && look > Clock.GetUtcNow() && look < limit ? look : limit;
            if (Clock.RingNext(until))
            {
                continue;
            }

            if (until == DateTimeOffset.MaxValue)
            {
                return false;
            }

            Clock.Advance(until - Clock.GetUtcNow());
            if (until == limit)
            {
                await SettleAsync().ConfigureAwait(false);
                return holds();
            }
        }
    }

    private async Task EnsureStartedAsync()
    {
        if (_server is not null)
        {
            return;
        }

        if (_isPrepared)
        {
            throw new SimulationException("The simulated server was killed; RestartAsync starts it again.");
        }

        await PublishAsync(ConnectionFlow()).ConfigureAwait(false);
        foreach (var flow in _flows)
        {
            await PublishAsync(flow).ConfigureAwait(false);
        }

        _numbers.Plan = _numbers.Plan with { WorkflowId = _flowId };
        _isPrepared = true;
        StartServer();
    }

    private void StartServer()
    {
        _server = new ServerProcess(Network, _pump, Clock, Storage, _definitions, _catalog, _numbers, Web, _options);
        Network.Server = _server;
    }

    private async Task PublishAsync(JsonObject flow)
    {
        try
        {
            var published = await _library.SaveAsync((JsonObject)flow.DeepClone(), publish: true, CancellationToken.None).ConfigureAwait(false);

            // A name that is the same in every run.
            var version = published.With(("id", $"{published.DefinitionId}-v{published.Version}")).AsFrozen();
            var former = await _definitions.FindPublishedAsync(published.DefinitionId, CancellationToken.None).ConfigureAwait(false);
            List<WorkflowDefinition> changed = former is null ? [] : [former.With(("isPublished", false), ("isLatest", false)).AsFrozen()];
            changed.Add(version);
            await _definitions.SaveAsync(changed, CancellationToken.None).ConfigureAwait(false);
        }
        catch (DefinitionInvalidException problem)
        {
            throw new SimulationException("The flow cannot run:\n" + string.Join('\n', problem.Problems.Select(static found => $"{found.ActivityId}: {found.Message}")), problem);
        }
        catch (DefinitionFormatException problem)
        {
            throw new SimulationException("The flow cannot be read: " + problem.Message, problem);
        }
    }
}
