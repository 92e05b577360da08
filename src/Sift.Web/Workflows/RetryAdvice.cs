using Sift.Activities.Connections;
using Sift.Web.Storage;
using Sift.Workflows.Activities;
using Sift.Workflows.Definitions;
using Sift.Workflows.Engine;

namespace Sift.Web.Workflows;

/// <summary>
/// Says whether a faulted instance can go on from its failed activity. One without a call always can. A call ends with the fault of its
/// flow, so one that has ended can only go on when neither the failed activity nor anything that may follow it needs the phone.
/// </summary>
internal sealed class RetryAdvice(IConnectionStore connections, ActivityCatalog catalog)
{
    /// <returns>Null when the instance is not faulted.</returns>
    public async ValueTask<RetryObject?> OfAsync(InstanceFile file, CancellationToken cancellationToken)
    {
        if (file.Summary.SubStatus != "Faulted" || file.View.Activities.LastOrDefault(record => record.Status == ActivityStatus.Faulted) is not { } failed)
        {
            return null;
        }

        if (await connections.FindAsync(file.Summary.InstanceId, cancellationToken) is null)
        {
            return new RetryObject(true, failed.Name);
        }

        return Obstacle(file, failed) is { } obstacle ? new RetryObject(false, failed.Name) { Reason = obstacle } : new RetryObject(true, failed.Name);
    }

    private string? Obstacle(InstanceFile file, ActivityRecord failed)
    {
        if (NeedsPhone(failed.Type, failed.Version))
        {
            return $"The call has ended, and {failed.Name} needs the phone.";
        }

        for (var above = Parent(file, failed); above is not null; above = Parent(file, above))
        {
            if (NeedsPhone(above.Type, above.Version))
            {
                return $"The call has ended, and {failed.Name} is a step of {above.Name}, which needs the phone.";
            }
        }

        var follower = file.Graph.Find(failed.NodeId) is { } node ? file.Graph.MayFollow(node).FirstOrDefault(next => NeedsPhone(next.Type, next.Version)) : null;
        return follower is null ? null : $"The call has ended. {failed.Name} itself does not need the phone, but {follower.Name}, which may follow it, does.";
    }

    private bool NeedsPhone(string type, int version) => catalog.Find(type, version)?.Descriptor.Category == TestRuns.CallCategory;

    private static ActivityRecord? Parent(InstanceFile file, ActivityRecord record) => file.View.Activities.FirstOrDefault(candidate => candidate.ExecutionId == record.ParentId);
}
