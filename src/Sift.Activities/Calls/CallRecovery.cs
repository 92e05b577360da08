using System.Text.Json.Nodes;
using Sift.Activities.Connections;
using Sift.Workflows.Engine;

namespace Sift.Activities.Calls;

/// <summary>
/// After a crash: a call that was accepted but not dialled is dialled now; one whose dialling had begun, or that was up, has lost its
/// leg with the process and ends, in one journal transaction with the row and the callback that tell of it.
/// </summary>
internal sealed class CallRecovery(CallServices services) : IInstanceRecovery
{
    private const string Reason = "server restarted";

    public InstanceSignal? Recover(string instanceId, IReadOnlyDictionary<string, JsonNode?> variables, IReadOnlyList<PendingEffect> pending)
    {
        if (Read(instanceId, variables) is not { } call)
        {
            return null;
        }

        if (call.Connection is { Direction: "outgoing", Status: ConnectionStatus.Connecting } && IsNotDialled(instanceId, variables, pending))
        {
            call.Release(static (_, _) => { });
            services.Calls.TryAdd(call);
            return null;
        }

        var ended = ConnectionChange.Lost(call.Connection, Reason, services.Time.GetUtcNow());
        var payload = new JsonObject { ["cause"] = "error", ["detail"] = Reason };
        var rows = ConnectionChange.Rows(ended, out var delivery);
        services.Calls.EndByRecovery(instanceId, delivery);
        return ConnectionChange.Signal(CallSignals.Ended, ended, rows, payload, Reason);
    }

    // Its flow may not have come to the phone yet: it waits for a timer or an event, or is held at a breakpoint.
    private static bool IsNotDialled(string instanceId, IReadOnlyDictionary<string, JsonNode?> variables, IReadOnlyList<PendingEffect> pending)
    {
        foreach (var effect in pending)
        {
            if (effect.Effect.Type == LegEffects.Dial && effect.Effect.Payload.Text("leg") == instanceId)
            {
                return !effect.Started;
            }
        }

        return variables.GetValueOrDefault(CallScope.DialledVariable) is null;
    }

    private static LiveCall? Read(string instanceId, IReadOnlyDictionary<string, JsonNode?> variables)
    {
        var json = variables.GetValueOrDefault(ConnectionJson.VariableName);
        var plan = CallPlan.Read(variables.GetValueOrDefault(CallPlan.VariableName));
        if (json is null || plan is null)
        {
            return null;
        }

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
