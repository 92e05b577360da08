using Sift.Web.Storage;
using System.Security.Claims;
using System.Text.Json.Nodes;
using Sift.Web.Accounts;

namespace Sift.Web.Studio.Instances;

internal static class ReadInstance
{
    public static void Map(IEndpointRouteBuilder api)
    {
        api.MapGet("/workflow-instances/{id}", FullAsync);
        api.MapGet("/workflow-instances/{id}/variables", VariablesAsync);
        api.MapGet("/workflow-instances/{id}/execution-state", StateAsync);
    }

    private static async Task<IResult> FullAsync(string id, ClaimsPrincipal user, InstanceReader instances, InstanceAnswers answers, CancellationToken cancellationToken) =>
        await instances.FindAsync(user.AccountId(), id, cancellationToken) is { } file ? StudioJson.Ok(answers.Full(file)) : StudioJson.NotFound("instance");

    private static async Task<IResult> VariablesAsync(string id, ClaimsPrincipal user, InstanceReader instances, CancellationToken cancellationToken) =>
        await instances.FindAsync(user.AccountId(), id, cancellationToken) is { } file ? StudioJson.Items(InstanceAnswers.Variables(file)) : StudioJson.NotFound("instance");

    private static async Task<IResult> StateAsync(string id, ClaimsPrincipal user, InstanceReader instances, CancellationToken cancellationToken) =>
        await instances.FindSummaryAsync(user.AccountId(), id, cancellationToken) is { } summary
            ? StudioJson.Ok(new JsonObject { ["status"] = summary.Status, ["subStatus"] = summary.SubStatus, ["updatedAt"] = summary.UpdatedAt })
            : StudioJson.NotFound("instance");
}
