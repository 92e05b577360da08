using System.Security.Claims;
using System.Text.Json.Nodes;
using Sift.Web.Accounts;
using Sift.Web.Storage;
using Sift.Workflows.Engine;

namespace Sift.Web.Studio.Instances;

/// <summary>Cancelling and deleting. An instance that runs is cancelled before it is deleted; its call is hung up with it.</summary>
internal static class ChangeInstances
{
    private const string Reason = "cancelled in Studio";

    public static void Map(IEndpointRouteBuilder api)
    {
        api.MapPost("/cancel/workflow-instances/{id}", CancelAsync);
        api.MapDelete("/workflow-instances/{id}", DeleteAsync);
        api.MapPost("/bulk-actions/cancel/workflow-instances", BulkCancelAsync);
        api.MapPost("/bulk-actions/delete/workflow-instances/by-id", BulkDeleteAsync);
    }

    private static async Task<IResult> CancelAsync(string id, ClaimsPrincipal user, InstanceReader instances, IWorkflowRuntime runtime, CancellationToken cancellationToken)
    {
        if (await instances.FindSummaryAsync(user.AccountId(), id, cancellationToken) is null)
        {
            return StudioJson.NotFound("instance");
        }

        await runtime.CancelAsync(id, Reason, cancellationToken);
        return StudioJson.Ok(new JsonObject());
    }

    private static async Task<IResult> DeleteAsync(
        string id, ClaimsPrincipal user, InstanceReader instances, InstanceList list, IWorkflowRuntime runtime, CancellationToken cancellationToken) =>
        await instances.FindSummaryAsync(user.AccountId(), id, cancellationToken) is null ? StudioJson.NotFound("instance")
        : await DeleteOneAsync(id, user, instances, list, runtime, cancellationToken) ? Results.NoContent()
        : StudioJson.BadRequest("The call is still being wound up. Try again in a moment.");

    private static async Task<IResult> BulkCancelAsync(
        HttpContext http, ClaimsPrincipal user, InstanceReader instances, InstanceList list, IWorkflowRuntime runtime, CancellationToken cancellationToken)
    {
        var body = await StudioJson.ReadAsync(http.Request, cancellationToken) ?? [];
        var ids = body.Texts("ids").ToList();
        if (body.Text("definitionVersionId") is { Length: > 0 } || body.Text("definitionId") is { Length: > 0 })
        {
            ids.AddRange(await list.UnfinishedAsync(user.AccountId(), body.Text("definitionId"), body.Text("definitionVersionId"), cancellationToken));
        }

        var cancelled = 0;
        foreach (var id in ids)
        {
            if (await instances.FindSummaryAsync(user.AccountId(), id, cancellationToken) is not null && await runtime.CancelAsync(id, Reason, cancellationToken))
            {
                cancelled++;
            }
        }

        return StudioJson.Ok(new JsonObject { ["cancelled"] = cancelled, ["count"] = cancelled });
    }

    private static async Task<IResult> BulkDeleteAsync(
        HttpContext http, ClaimsPrincipal user, InstanceReader instances, InstanceList list, IWorkflowRuntime runtime, CancellationToken cancellationToken)
    {
        var deleted = 0;
        foreach (var id in (await StudioJson.ReadAsync(http.Request, cancellationToken))?.Texts("ids") ?? [])
        {
            deleted += await DeleteOneAsync(id, user, instances, list, runtime, cancellationToken) ? 1 : 0;
        }

        return StudioJson.Ok(new JsonObject { ["deleted"] = deleted, ["deletedCount"] = deleted });
    }

    private static async ValueTask<bool> DeleteOneAsync(
        string id, ClaimsPrincipal user, InstanceReader instances, InstanceList list, IWorkflowRuntime runtime, CancellationToken cancellationToken)
    {
        if (await instances.FindSummaryAsync(user.AccountId(), id, cancellationToken) is not { } summary)
        {
            return false;
        }

        if (summary.FinishedAt is null)
        {
            await runtime.CancelAsync(id, Reason, cancellationToken);
        }

        instances.Forget(id);
        return await list.DeleteAsync(user.AccountId(), id, cancellationToken);
    }
}
