using Sift.Activities.Calls;
using Sift.Activities.Connections;
using Sift.Activities.Http;
using Sift.Activities.Webhooks;
using Sift.Media.Legs;
using Sift.Media.Sip;
using Sift.Web.Accounts;
using Sift.Web.Connections;
using Sift.Web.Observability;
using Sift.Web.Storage;
using Sift.Web.Storage.GroupCommit;
using Sift.Workflows.Activities;
using Sift.Workflows.Definitions;
using Sift.Workflows.Engine;
using Sift.Workflows.Hosting;
using Sift.Workflows.Journal;

namespace Sift.Web.Hosting;

/// <summary>
/// Wires storage to the workflow runtime, the runtime to call control, and call control to the legs.
/// </summary>
internal static class CallWiring
{
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(5);

    /// <summary>Short beside what anybody watching notices, long beside a step of a call.</summary>
    private static readonly TimeSpan CommitDeferral = TimeSpan.FromMilliseconds(200);

    public static IServiceCollection AddSiftCalls(this IServiceCollection services, Configuration configuration)
    {
        services.AddSingleton(configuration.Calls);
        services.AddSingleton(new CallbackAddressGuard(configuration.AllowPrivateNetworks, ConnectTimeout));
        services.AddSingleton<IWebhookSender, HttpWebhookSender>();
        services.AddSingleton(provider => new DeliveryPipeline(
            provider.GetRequiredService<IDeliveryStore>(),
            provider.GetRequiredService<IRetrySchedule>(),
            provider.GetRequiredService<IWebhookSender>(),
            provider.GetRequiredService<IWorkflowRuntime>,
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<DeliveryPipeline>>(),
            provider.GetRequiredService<IWebhookEndpoints>()));
        services.AddSingleton<IDeliveryRetries, DeliveryRetries>();
        services.AddSingleton(provider => new CallServices(
            provider.GetRequiredService<ILegs>,
            provider.GetRequiredService<IWorkflowRuntime>,
            provider.GetRequiredService<INumberDirectory>(),
            provider.GetRequiredService<IConnectionStore>(),
            provider.GetRequiredService<IConnectionRows>(),
            provider.GetRequiredService<DeliveryPipeline>(),
            provider.GetRequiredService<CallOptions>(),
            provider.GetRequiredService<TimeProvider>())
        {
            Obstacle = () => provider.GetRequiredService<GroupCommitWriter>().Failure is { } failure ? StorageTrouble.Describe(failure) : null,
        });
        services.AddSingleton<CallControl>();
        services.AddSingleton<ILegEvents>(provider => provider.GetRequiredService<CallControl>());
        services.AddSingleton(provider => new ActivityCatalog(CallActivities.All(provider.GetRequiredService<CallOptions>())));
        services.AddSingleton<IEffectHandler>(provider => new HttpCallHandler(
            provider.GetRequiredService<CallbackAddressGuard>(), provider.GetRequiredService<IWorkflowRuntime>, provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<FollowUpQueue>();
        services.AddSingleton<IFollowUpWork>(provider => provider.GetRequiredService<FollowUpQueue>());
        services.AddSingleton<DefinitionValidator>();
        services.AddSingleton<DefinitionLibrary>();
        services.AddSingleton(provider => new WorkflowRuntime(
            provider.GetRequiredService<ActivityCatalog>(),
            provider.GetRequiredService<IDefinitionStore>(),
            provider.GetRequiredService<IJournalStore>(),
            provider.GetRequiredService<TimeProvider>(),
            new WorkflowRuntimeOptions { CommitDeferral = CommitDeferral, Queue = provider.GetRequiredService<FollowUpQueue>() },
            provider.GetRequiredService<ILogger<WorkflowRuntime>>()));
        services.AddSingleton<IWorkflowRuntime>(provider => provider.GetRequiredService<WorkflowRuntime>());
        services.AddSingleton<Telephony>();
        services.AddSingleton<ILegs>(provider => provider.GetRequiredService<Telephony>());
        services.AddSingleton<ISipAddress>(provider => provider.GetRequiredService<Telephony>());
        services.AddSingleton<IReadinessProbe>(provider => provider.GetRequiredService<Telephony>());
        services.AddSingleton<ICallControl, CallControlPort>();
        services.AddSingleton<Inheritance>();
        services.AddSingleton<CallStart>();
        services.AddSingleton<IReadinessProbe>(provider => provider.GetRequiredService<CallStart>());
        services.AddHostedService(provider => provider.GetRequiredService<CallStart>());
        services.AddHostedService(provider => provider.GetRequiredService<Inheritance>());
        return services;
    }
}

/// <summary>Call control as the API sees it.</summary>
internal sealed class CallControlPort(CallControl calls) : ICallControl
{
    public ValueTask<Connection> PlaceAsync(CallRequest request, CancellationToken cancellationToken) => calls.PlaceAsync(
        new PlaceConnection(request.ConnectionId, request.AccountId, request.PhoneNumber, request.StatusUrl, request.CallerId, request.RingTimeout, request.Routine)
        {
            WorkflowId = request.Workflow?.DefinitionId,
            WorkflowVersionId = request.Workflow?.VersionId,
            Input = request.Workflow?.Input,
            Hold = request.Workflow?.Hold,
        },
        cancellationToken);

    public ValueTask<bool> ReplaceRoutineAsync(string connectionId, System.Text.Json.Nodes.JsonArray routine, CancellationToken cancellationToken)
        => calls.ReplaceRoutineAsync(connectionId, routine, cancellationToken);

    public ValueTask<bool> HangUpAsync(string connectionId, CancellationToken cancellationToken) => calls.HangUpAsync(connectionId, cancellationToken);
}

/// <summary>Brings due deliveries from Quartz to the pipeline.</summary>
internal sealed class DeliveryRetries(DeliveryPipeline pipeline) : IDeliveryRetries
{
    public void Retry(string deliveryId) => pipeline.Retry(new DeliveryKey(deliveryId, null));
}

/// <summary>Seeds the shipped definitions and takes up what the last process left, before the server listens; winds down in reverse.</summary>
internal sealed class CallStart(
    WorkflowRuntime runtime,
    CallControl calls,
    DeliveryPipeline deliveries,
    Inheritance inheritance,
    DefinitionLibrary definitions,
    Telephony telephony,
    FlightRecorder recorder,
    FirstAccount firstAccount,
    IEnumerable<IEffectHandler> handlers,
    IEnumerable<IInstanceObserver> observers) : IHostedService, IReadinessProbe
{
    private volatile bool recovered;

    public string Name => "calls";

    public ValueTask<string?> MissingAsync(CancellationToken cancellationToken) => new(recovered ? null : "calls of the last run are still being taken up");

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        foreach (var definition in await DefinitionFiles.ReadAsync(Path.Combine(AppContext.BaseDirectory, "workflows"), cancellationToken))
        {
            // A flow that people may change belongs to somebody; one that they may not is everybody's.
            await definitions.SeedAsync(definition, definition.IsReadonly ? null : firstAccount.Id, cancellationToken);
        }

        runtime.Connect([calls.EffectHandler, deliveries, .. handlers], calls.Recovery, [calls, .. observers]);

        // Before the recovery, because calls that were accepted and not dialled are dialled by it.
        await telephony.StartAsync(recorder.Before(calls), cancellationToken);
        await inheritance.TakeUpAsync(cancellationToken);
        telephony.Open();
        recovered = true;
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        telephony.Drain();
        return Task.CompletedTask;
    }
}
