using Sift.Web.Storage;
using Microsoft.AspNetCore.SignalR;
using Sift.Web.Accounts;
using Sift.Web.Studio.Instances;

namespace Sift.Web.Studio.Live;

/// <summary>What a viewer calls: it names the instance it shows, and hears of its changes from then on.</summary>
internal sealed class WorkflowInstanceHub(InstanceReader instances, LiveUpdates updates) : Hub
{
    private const string ObservedItem = "observed";

    public async Task ObserveInstanceAsync(string instanceId)
    {
        if (Context.User is not { } user || await instances.FindSummaryAsync(user.AccountId(), instanceId, Context.ConnectionAborted) is null)
        {
            throw new HubException("There is no such instance.");
        }

        await Groups.AddToGroupAsync(Context.ConnectionId, instanceId, Context.ConnectionAborted);
        if (Observed.Add(instanceId))
        {
            updates.Observe(instanceId);
        }
    }

    public override Task OnDisconnectedAsync(Exception? exception)
    {
        foreach (var instanceId in Observed)
        {
            updates.Leave(instanceId);
        }

        return base.OnDisconnectedAsync(exception);
    }

    private HashSet<string> Observed
    {
        get
        {
            if (Context.Items[ObservedItem] is not HashSet<string> observed)
            {
                Context.Items[ObservedItem] = observed = new HashSet<string>(StringComparer.Ordinal);
            }

            return observed;
        }
    }
}
