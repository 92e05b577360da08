using System.Text.Json.Nodes;
using Sift.Activities.Connections;
using Sift.Workflows.Engine;

namespace Sift.Activities.Calls;

/// <summary>
/// After a crash: a call that was accepted but not dialled goes on, and is dialled when its flow says so; one whose dialling had begun, or
/// that was up, has lost its leg with the process and ends, in one journal transaction with the row and the callback that tell of it.
/// </summary>
internal sealed class CallRecovery(CallServices services) : IInstanceRecovery
{
    private const string Reason = "server restarted";

    public IReadOnlyList<InstanceSignal> Recover(
        string instanceId, string? accountId, IReadOnlyDictionary<string, JsonNode?> variables, IReadOnlyList<PendingEffect> pending, IReadOnlyList<SignalWait> waits)
    {
        if (Read(instanceId, accountId ?? "", variables) is not { } call)
        {
            return [];
        }

        if (call.Connection is { Direction: "outgoing", Status: ConnectionStatus.Connecting } && !IsDialled(instanceId, variables, pending, waits))
        {
            call.Release(static (_, _) => { });
            services.Calls.TryAdd(call);
            return LostCallees(pending, waits);
        }

        var ended = ConnectionChange.Lost(call.Connection, Reason, services.Time.GetUtcNow());
        var payload = new JsonObject { ["cause"] = "error", ["detail"] = Reason };
        var rows = ConnectionChange.Rows(ended, out var delivery);
        services.Calls.EndByRecovery(instanceId, delivery);
        return [ConnectionChange.Signal(CallSignals.Ended, ended, rows, payload, Reason)];
    }

    private static bool IsDialled(string instanceId, IReadOnlyDictionary<string, JsonNode?> variables, IReadOnlyList<PendingEffect> pending, IReadOnlyList<SignalWait> waits) =>
        DialOf(instanceId, pending) is { } dial
            ? dial.Started

            // No longer pending, or not asked for yet: a drawn flow may do much before it needs the phone.
            : variables.ContainsKey(CallScope.DialledVariable) || waits.Any(static wait => wait.Name == CallSignals.Answered);

    /// <summary>Callees whose legs went with the process. Those whose dialling is pending are dialled, or reported, by the runtime.</summary>
    private static IReadOnlyList<InstanceSignal> LostCallees(IReadOnlyList<PendingEffect> pending, IReadOnlyList<SignalWait> waits) =>
    [
        .. from wait in waits
           where wait is { Name: CallSignals.Callee, Key: not null } && DialOf(wait.Key, pending) is null
           select new InstanceSignal(CallSignals.Callee, wait.Key, new CalleeNews(CalleeNews.Ended, false, "error", null, Reason).ToJson()),
    ];

    private static PendingEffect? DialOf(string leg, IReadOnlyList<PendingEffect> pending) =>
        pending.FirstOrDefault(effect => effect.Effect.Type == LegEffects.Dial && effect.Effect.Payload.Text("leg") == leg);

    private static LiveCall? Read(string instanceId, string accountId, IReadOnlyDictionary<string, JsonNode?> variables)
    {
        var json = variables.GetValueOrDefault(ConnectionJson.VariableName);
        var plan = CallPlan.Read(variables.GetValueOrDefault(CallPlan.VariableName));
        if (json is null || plan is null)
        {
            return null;
        }

        plan = CallScope.Of(plan, accountId);

        var status = json.Text("status") == "connected" ? ConnectionStatus.Connected : ConnectionStatus.Connecting;
        var connection = new Connection(
            instanceId, plan.AccountId, json.Text("from") ?? "", json.Text("to") ?? "", json.Text("direction") ?? "incoming", status, plan.CreatedAt)
        {
            StartTime = json.Time("start_time"),
            ClientData = (json as JsonObject)?["client_data"]?.DeepClone(),
            ApplicationId = plan.ApplicationId,
            StatusUrl = plan.StatusUrl,
        };
        return new LiveCall(connection, plan);
    }
}
