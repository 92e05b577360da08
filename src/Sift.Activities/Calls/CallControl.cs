using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging;
using Sift.Activities.Connections;
using Sift.Activities.Webhooks;
using Sift.Media.Legs;
using Sift.Workflows.Engine;
using Sift.Workflows.Journal;

namespace Sift.Activities.Calls;

/// <summary>An outbound call to place (sift-api 2.2).</summary>
/// <param name="ConnectionId">16 lower-case hex digits, chosen by the caller; the same id is never dialled twice.</param>
/// <param name="PhoneNumber">E.164, or <c>webrtc:name</c>.</param>
/// <param name="CallerId">Null for the account's first number.</param>
/// <param name="RingTimeout">Null for the configured one.</param>
/// <param name="Routine">What to run when the call is answered and the status callback brings nothing; null for none.</param>
public sealed record PlaceConnection(string ConnectionId, string AccountId, string PhoneNumber, string? StatusUrl, string? CallerId = null, TimeSpan? RingTimeout = null, JsonArray? Routine = null)
{
    /// <summary>Rows to commit together with the acceptance, for example of an idempotency key.</summary>
    public IReadOnlyList<object> Attachments { get; init; } = [];

    /// <summary>The drawn flow that runs the call; null for the one that runs routines. Its first command that needs the phone dials it.</summary>
    public string? WorkflowId { get; init; }

    /// <summary>A version of that flow; null for the published one.</summary>
    public string? WorkflowVersionId { get; init; }

    /// <summary>Values for the inputs of the flow, by name.</summary>
    public JsonObject? Input { get; init; }

    /// <summary>Makes it a test call that is held at breakpoints; null for an ordinary one.</summary>
    public HoldPlan? Hold { get; init; }
}

/// <summary>
/// Call control: takes calls in, places calls, and brings what happens on legs to the workflows that run them. Every call is an
/// instance from its first moment to its last, so whatever happens to it stands in its journal.
/// </summary>
public sealed partial class CallControl : ILegEvents, IInstanceObserver
{
    private readonly CallServices _services;
    private readonly CallIntake _intake;
    private readonly ILogger<CallControl> _log;

    /// <param name="services">What call control works with.</param>
    /// <param name="log">Where trouble is told.</param>
    public CallControl(CallServices services, ILogger<CallControl> log)
    {
        _services = services;
        _log = log;
        _intake = new CallIntake(services, log, Handle, Forget);
        EffectHandler = new LegEffectHandler(services, this);
        Recovery = new CallRecovery(services);
    }

    /// <summary>Carries out what workflows ask of legs; give it to the runtime.</summary>
    public IEffectHandler EffectHandler { get; }

    /// <summary>Decides what becomes of calls after a crash; give it to the runtime.</summary>
    public IInstanceRecovery Recovery { get; }

    /// <summary>Calls that are being set up or are up.</summary>
    public int LiveCount => _services.Calls.Count;

    /// <summary>
    /// Places a call. Completes when it is durably accepted: from then on it is dialled exactly once or reported failed. An id that is
    /// known already is returned as it stands.
    /// </summary>
    public ValueTask<Connection> PlaceAsync(PlaceConnection request, CancellationToken cancellationToken) => _intake.PlaceAsync(request, cancellationToken);

    /// <summary>Replaces what runs on a connection. The routine must have been found good by <see cref="Routines.RoutineParser"/>. False when it has ended.</summary>
    public async ValueTask<bool> ReplaceRoutineAsync(string connectionId, JsonArray routine, CancellationToken cancellationToken)
    {
        if (_services.Calls.Find(connectionId) is not { } call)
        {
            return false;
        }

        if (call.Connection is { Direction: "outgoing", Status: ConnectionStatus.Connecting })
        {
            // The call is still being placed; what is to run on it waits for the answer.
            var variables = new Dictionary<string, JsonNode?> { [FetchRoutine.PresetVariable] = routine.DeepClone() };
            return await _services.Runtime.SignalAsync(connectionId, new InstanceSignal("routine.preset", null, null) { Variables = variables }, cancellationToken).ConfigureAwait(false);
        }

        var inputs = new JsonObject { [Ending.RoutineOutput] = routine.DeepClone() };
        return await _services.Runtime.ReplaceAsync(connectionId, RunRoutine.TypeName, inputs, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Hangs up, whatever runs. The end is reported in its own time. False when the connection has ended already.</summary>
    public ValueTask<bool> HangUpAsync(string connectionId, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (_services.Calls.Find(connectionId) is { } call)
        {
            HangUp(call, "ended by request");
            return new ValueTask<bool>(true);
        }

        // A callee has no instance of its own; its end is heard by the call that placed it.
        var leg = new LegId(connectionId);
        if (_services.Calls.ParentOf(leg) is null)
        {
            return new ValueTask<bool>(false);
        }

        _services.Legs.Post(new HangUpLeg(leg, "ended by request"));
        return new ValueTask<bool>(true);
    }

    /// <summary>
    /// Closes connections that were left open by a crash between the end of their workflow and that of their leg. Call it after the
    /// runtime has recovered, with the connections of the process that crashed that are neither finished nor failed.
    /// </summary>
    public async ValueTask ReconcileAsync(IReadOnlyList<Connection> open, CancellationToken cancellationToken)
    {
        foreach (var connection in open)
        {
            var id = connection.ParentId ?? connection.Id;
            if (_services.Calls.Find(id) is null && !_services.Calls.IsEndedByRecovery(id))
            {
                await SaveEndAsync(ConnectionChange.Lost(connection, "server restarted", _services.Time.GetUtcNow()), cancellationToken).ConfigureAwait(false);
            }
        }
    }

    /// <inheritdoc/>
    public void OnLegEvent(LegEvent legEvent)
    {
        if (legEvent is LegIncoming incoming)
        {
            _intake.Accept(incoming);
        }
        else if (_services.Calls.Find(legEvent.Leg.Value) is { } call)
        {
            if (!call.KeepBack(legEvent))
            {
                Handle(call, legEvent);
            }
        }
        else if (_services.Calls.ParentOf(legEvent.Leg) is { } parent)
        {
            HandleCallee(parent, legEvent);
        }
    }

    /// <inheritdoc/>
    public void OnCommitted(InstanceSummary summary, IReadOnlyList<JournalEntry> entries)
    {
        if (summary.FinishedAt is null)
        {
            return;
        }

        if (_services.Calls.TakeRecovered(summary.InstanceId) is { } delivery)
        {
            _services.Deliveries.Enqueue(delivery);
        }

        if (_services.Calls.Find(summary.InstanceId) is not { } call || HoldsEnd(entries))
        {
            return;
        }

        // The workflow is over but the call is not: a drawn flow that just ends, or one that failed.
        if (call.TryClose())
        {
            Forget(call);
            _services.Legs.Post(new HangUpLeg(new LegId(call.Id), $"workflow {summary.SubStatus.ToLowerInvariant()}"));
            _ = CloseAsync(ConnectionChange.Lost(call.Connection, $"workflow {summary.SubStatus.ToLowerInvariant()}", _services.Time.GetUtcNow()));
        }
    }

    /// <inheritdoc/>
    public void OnLost(string instanceId)
    {
        // Nobody is left who would ever end this call.
        if (_services.Calls.Find(instanceId) is { } call)
        {
            HangUp(call, "the call's journal could not be written");
        }
    }

    private static bool HoldsEnd(IReadOnlyList<JournalEntry> entries)
    {
        foreach (var entry in entries)
        {
            if (entry.Kind == JournalKinds.SignalReceived && entry.Data.Span.IndexOf("\"leg.ended\""u8) >= 0)
            {
                return true;
            }
        }

        return false;
    }

    private void Handle(LiveCall call, LegEvent legEvent)
    {
        switch (legEvent)
        {
            case LegAnswered when call.Connection.Status == ConnectionStatus.Connecting:
                call.Connection = ConnectionChange.Answered(call.Connection, _services.Time.GetUtcNow());
                _services.Runtime.Signal(call.Id, ConnectionChange.Signal(CallSignals.Answered, call.Connection, [call.Connection]));
                break;
            case LegDigit digit:
                Signal(call, CallSignals.Digit, null, new JsonObject { ["digit"] = digit.Digit.ToString(), ["source"] = digit.Source.ToString() });
                break;
            case PlaybackFinished finished when !finished.Playback.Value.StartsWith(CallScope.BackgroundPrefix, StringComparison.Ordinal):
                Signal(call, CallSignals.Playback, finished.Playback.Value, Describe(finished));
                break;
            case LegHoldChanged hold:
                Signal(call, CallSignals.Hold, null, new JsonObject { ["held"] = hold.Held });
                break;
            case LegMediaLost lost:
                Signal(call, CallSignals.Media, null, new JsonObject { ["lost"] = true, ["silence_seconds"] = lost.Silence.TotalSeconds });
                break;
            case LegMediaResumed:
                Signal(call, CallSignals.Media, null, new JsonObject { ["lost"] = false });
                break;
            case LegEnded ended when call.TryClose():
                _ = EndAsync(call, ended);
                break;
        }
    }

    private void HandleCallee(string parent, LegEvent legEvent)
    {
        CalleeNews? news = legEvent switch
        {
            LegRinging ringing => new CalleeNews(CalleeNews.Ringing, ringing.EarlyMedia, null, null, null),
            LegAnswered => new CalleeNews(CalleeNews.Answered, false, null, null, null),
            LegEnded ended => new CalleeNews(CalleeNews.Ended, false, Failures.NameOf(ended.Cause), ended.SipStatus, ended.Detail),
            _ => null,
        };
        if (news is { } told)
        {
            _services.Runtime.Signal(parent, new InstanceSignal(CallSignals.Callee, legEvent.Leg.Value, told.ToJson()));
        }

        if (legEvent is LegEnded)
        {
            _services.Calls.RemoveCallee(legEvent.Leg);
        }
    }

    private void HangUp(LiveCall call, string reason) =>
        call.HangUp(reason, () => _services.Legs.Post(new HangUpLeg(new LegId(call.Id), reason)));

    private void Signal(LiveCall call, string name, string? key, JsonObject payload) =>
        _services.Runtime.Signal(call.Id, new InstanceSignal(name, key, payload));

    private void Forget(LiveCall call) => _services.Calls.Remove(call);

    private async Task EndAsync(LiveCall call, LegEnded ended)
    {
        try
        {
            call.Connection = ConnectionChange.Ended(call.Connection, ended, call.HangUpReason, _services.Time.GetUtcNow());
            var rows = ConnectionChange.Rows(call.Connection, out var delivery);
            var signal = ConnectionChange.Signal(CallSignals.Ended, call.Connection, rows, Describe(ended), call.Connection.EndReason);
            var isTaken = await _services.Runtime.SignalAsync(call.Id, signal with { IsPatient = true }, CancellationToken.None).ConfigureAwait(false);
            Forget(call);
            if (!isTaken)
            {
                // The flow ended by itself at the same moment, and took no rows.
                await SaveEndAsync(call.Connection, CancellationToken.None).ConfigureAwait(false);
            }
            else if (delivery is not null)
            {
                _services.Deliveries.Enqueue(delivery);
            }
        }
#pragma warning disable CA1031 // the loop that owns the work: the journal could not be written; recovery ends the call at the next start
        catch (Exception problem)
#pragma warning restore CA1031
        {
            Forget(call);
            LogEndLost(problem, call.Id);
        }
    }

    private async Task CloseAsync(Connection connection)
    {
        try
        {
            await SaveEndAsync(connection, CancellationToken.None).ConfigureAwait(false);
        }
#pragma warning disable CA1031 // the loop that owns the work: the row is closed by ReconcileAsync at the next start
        catch (Exception problem)
#pragma warning restore CA1031
        {
            LogEndLost(problem, connection.Id);
        }
    }

    private async ValueTask SaveEndAsync(Connection connection, CancellationToken cancellationToken)
    {
        await _services.Rows.SaveAsync(ConnectionChange.Rows(connection, out var delivery), cancellationToken).ConfigureAwait(false);
        if (delivery is not null)
        {
            _services.Deliveries.Enqueue(delivery);
        }
    }

    private static JsonObject Describe(PlaybackFinished finished)
    {
        var payload = new JsonObject { ["end"] = finished.End.ToString().ToLowerInvariant() };
        if (finished.Error is { } error)
        {
            payload["error"] = error;
        }

        return payload;
    }

    private static JsonObject Describe(LegEnded ended)
    {
        var payload = new JsonObject { ["cause"] = Snake(ended.Cause.ToString()), ["sip_status"] = ended.SipStatus, ["detail"] = ended.Detail };
        if (ended.Quality is { } quality)
        {
            payload["quality"] = new JsonObject
            {
                ["codec"] = quality.Codec,
                ["packets_received"] = quality.PacketsReceived,
                ["packets_sent"] = quality.PacketsSent,
                ["packets_lost"] = quality.PacketsLost,
                ["jitter_ms"] = quality.Jitter.TotalMilliseconds,
                ["round_trip_ms"] = quality.RoundTrip?.TotalMilliseconds,
                ["mos"] = quality.MeanOpinionScore,
            };
        }

        return payload;
    }

    private static string Snake(string name) => JsonNamingPolicy.SnakeCaseLower.ConvertName(name);

    [LoggerMessage(1101, LogLevel.Error, "The end of connection {ConnectionId} could not be written; it is written at the next start")]
    private partial void LogEndLost(Exception problem, string connectionId);
}
