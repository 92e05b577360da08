using Sift.Web.Storage;
using Sift.Web.Hosting;
using Sift.Web.Studio.Definitions;
using Sift.Web.Studio.Descriptors;
using Sift.Web.Studio.Instances;
using Sift.Web.Studio.Live;
using Sift.Workflows.Activities;
using Sift.Workflows.Engine;

namespace Sift.Web.Studio;

/// <summary>Elsa Studio as Sift serves it: the package, the pages around it, the API it calls and the hub it listens to.</summary>
internal static class StudioServices
{
    /// <summary>What the elements are given as their server; without a slash at the end.</summary>
    public const string ApiPath = "/elsa/api";

    // The hub is looked for beside the last segment of the API's path.
    private const string HubPath = "/elsa/hubs/workflow-instance";

    public static IServiceCollection AddSiftStudio(this IServiceCollection services, StudioSettings settings)
    {
        services.AddSingleton(settings);
        services.AddSingleton(new StudioFiles(settings.Directory ?? Path.Combine(AppContext.BaseDirectory, "studio")));
        services.AddSingleton(provider => new WorkflowCore(provider.GetRequiredService<ActivityCatalog>()));
        services.AddSingleton<InstanceReader>();
        services.AddSingleton<RoutinePictures>();
        services.AddSingleton<InstanceAnswers>();
        services.AddSingleton<DefinitionAnswers>();
        services.AddSingleton<ActivityDescriptorAnswer>();
        services.AddSingleton<LiveUpdates>();
        services.AddSingleton<IInstanceObserver>(provider => provider.GetRequiredService<LiveUpdates>());
        services.AddSignalR(hub => hub.MaximumReceiveMessageSize = 4096);
        return services;
    }

    public static void MapSiftStudio(this WebApplication app)
    {
        HostPages.Map(app);
        var api = app.MapGroup(ApiPath).ExcludeFromDescription();
        ListDefinitions.Map(api);
        ReadDefinition.Map(api);
        SaveDefinition.Map(api);
        PublishDefinition.Map(api);
        RevertDefinition.Map(api);
        DeleteDefinition.Map(api);
        ExportDefinition.Map(api);
        ImportDefinition.Map(api);
        ExecuteDefinition.Map(api);
        TestActivity.Map(api);
        DescriptorEndpoints.Map(api);
        ListInstances.Map(api);
        ReadInstance.Map(api);
        InstanceJournal.Map(api);
        ChangeInstances.Map(api);
        ImportInstances.Map(api);
        ActivityExecutions.Map(api);
        app.MapHub<WorkflowInstanceHub>(HubPath);
    }
}
