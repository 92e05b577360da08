using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging;
using Sift.Activities.Connections;
using Sift.Media.Legs;
using Sift.Workflows.Engine;

namespace Sift.Activities.Calls;

/// <summary>The beginning of calls: finds out what an incoming one goes by, and starts the instance that runs it.</summary>
internal sealed partial class CallIntake(CallServices services, ILogger log, Action<LiveCall, LegEvent> handle, Action<LiveCall> forget)
{
    private const string Anonymous = "anonymous";

    public void Accept(LegIncoming incoming)
    {
        var connection = new Connection(incoming.Leg.Value, "", incoming.From, incoming.To, "incoming", ConnectionStatus.Connecting, services.Time.GetUtcNow())
        {
            ClientData = ConnectionJson.ParseClientData(incoming.ClientData),
        };
        var call = new LiveCall(connection, new CallPlan(""));
        if (services.Calls.TryAdd(call))
        {
            _ = AcceptAsync(incoming, call);
        }
    }

    public async ValueTask<Connection> PlaceAsync(PlaceConnection request, CancellationToken cancellationToken)
    {
        if (services.Obstacle() is { } obstacle)
        {
            throw new CallRefusedException(obstacle);
        }

        var options = services.Options;
        var callerId = request.CallerId ?? await services.Numbers.FirstNumberAsync(request.AccountId, cancellationToken).ConfigureAwait(false);
        var now = services.Time.GetUtcNow();
        var plan = Plan(request.AccountId, now) with
        {
            StatusUrl = request.StatusUrl,
            CallerId = callerId,
            RingSeconds = (request.RingTimeout ?? options.RingTimeout).TotalSeconds,
            DefaultRoutine = request.Routine is null ? null : JsonSerializer.SerializeToElement(request.Routine),
        };
        var connection = new Connection(request.ConnectionId, request.AccountId, callerId ?? Anonymous, request.PhoneNumber, "outgoing", ConnectionStatus.Connecting, now) { StatusUrl = request.StatusUrl };
        var call = new LiveCall(connection, plan);
        if (!services.Calls.TryAdd(call))
        {
            return services.Calls.Find(request.ConnectionId)?.Connection ?? connection;
        }

        try
        {
            if (await services.Connections.FindAsync(request.ConnectionId, cancellationToken).ConfigureAwait(false) is { } known)
            {
                forget(call);
                return known;
            }

            call.Release(handle);
            var start = await StartOfAsync(call, request.WorkflowId ?? options.ConnectionWorkflow, request.Attachments, cancellationToken, request).ConfigureAwait(false);

            // From here on it may be dialled at any moment, whether the caller still waits or not.
            await services.Runtime.StartAsync(start, CancellationToken.None).ConfigureAwait(false);
        }
        catch
        {
            // Not accepted, so nothing must be dialled. An acceptance that was written all the same is dialled by recovery or by the runtime.
            forget(call);
            throw;
        }

        return connection;
    }

    private async Task AcceptAsync(LegIncoming incoming, LiveCall call)
    {
        try
        {
            if (services.Obstacle() is { } obstacle)
            {
                throw new CallRefusedException(obstacle);
            }

            var found = incoming.BenchScenario is { } scenario ? BenchScenarios.Plan(scenario, services.Options) : await FindAsync(incoming).ConfigureAwait(false);
            if (found is null)
            {
                LogUnknown(incoming.Origin);
                forget(call);
                services.Legs.Post(new RejectLeg(incoming.Leg, LegEndCause.NotFound));
                return;
            }

            Take(call, incoming, found);
            if (call.Plan.AnswerOnDemand)
            {
                services.Legs.Post(new RingLeg(incoming.Leg));
            }

            // Nothing is promised to a caller, who loses the call with the process: the journal need not come before the answer.
            var start = await StartOfAsync(call, found.WorkflowId ?? services.Options.ConnectionWorkflow, [], CancellationToken.None).ConfigureAwait(false);
            var durable = await services.Runtime.BeginAsync(start with { IsPatient = true }, CancellationToken.None).ConfigureAwait(false);
            if (!call.Plan.AnswerOnDemand)
            {
                services.Legs.Post(new AnswerLeg(incoming.Leg));
            }

            call.Release(handle);
            await durable.ConfigureAwait(false);
        }
#pragma warning disable CA1031 // the loop that owns the work: a call that cannot be started is refused
        catch (Exception problem)
#pragma warning restore CA1031
        {
            LogRefused(problem, call.Id);
            forget(call);
            services.Legs.Post(new RejectLeg(incoming.Leg, LegEndCause.Error));
        }
    }

    private ValueTask<ApplicationPlan?> FindAsync(LegIncoming incoming) =>
        incoming is { AccountId: { } account, ApplicationId: { } application }
            ? services.Numbers.FindByApplicationAsync(account, application, CancellationToken.None)
            : services.Numbers.FindByNumberAsync(incoming.To, CancellationToken.None);

    private void Take(LiveCall call, LegIncoming incoming, ApplicationPlan found)
    {
        call.Plan = Plan(found.AccountId, call.Connection.CreatedAt) with
        {
            ApplicationId = found.ApplicationId,
            OnIncoming = found.OnIncoming,
            DefaultRoutine = found.OnIncoming is null ? found.DefaultRoutine : null,
            FallbackRoutine = found.FallbackRoutine,
            FallbackUrl = found.FallbackUrl,
            AnswerOnDemand = found.Answer == "on_demand",
            CallerId = incoming.To.StartsWith('+') ? incoming.To : null,
        };
        call.Connection = call.Connection with { AccountId = found.AccountId, ApplicationId = found.ApplicationId };
    }

    private CallPlan Plan(string accountId, DateTimeOffset now) => new(accountId)
    {
        CreatedAt = now,
        CallbackSeconds = services.Options.CallbackDeadline.TotalSeconds,
        IdleSeconds = services.Options.IdleLimit.TotalSeconds,
        Apology = services.Options.Apology,
    };

    private async ValueTask<InstanceStart> StartOfAsync(
        LiveCall call, string workflow, IReadOnlyList<object> rows, CancellationToken cancellationToken, PlaceConnection? placed = null)
    {
        if (call.Plan.CallerId is null && call.Connection.Direction == "incoming" && call.Connection.AccountId != BenchScenarios.AccountId)
        {
            call.Plan = call.Plan with { CallerId = await services.Numbers.FirstNumberAsync(call.Connection.AccountId, cancellationToken).ConfigureAwait(false) };
        }

        var input = new JsonObject { [ConnectionJson.VariableName] = ConnectionJson.ToJson(call.Connection), [CallPlan.VariableName] = call.Plan.ToJson() };
        foreach (var (name, value) in placed?.Input ?? [])
        {
            input.TryAdd(name, value?.DeepClone());
        }

        return new InstanceStart(call.Id, workflow, placed?.WorkflowVersionId, input)
        {
            AccountId = call.Connection.AccountId,
            CorrelationId = call.Id,
            Name = $"{call.Connection.From} → {call.Connection.To}",
            Hold = placed?.Hold,
            Attachments = [call.Connection, .. rows],
        };
    }

    [LoggerMessage(1102, LogLevel.Information, "A call from {Origin} was refused: nobody has the number it called")]
    private partial void LogUnknown(string origin);

    [LoggerMessage(1103, LogLevel.Error, "Connection {ConnectionId} could not be started and was refused")]
    private partial void LogRefused(Exception problem, string connectionId);
}
