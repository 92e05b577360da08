using System.Security.Claims;
using System.Text.Json.Nodes;
using Sift.Web.Accounts;
using Sift.Workflows.Definitions;

namespace Sift.Web.Studio.Definitions;

/// <summary>Flows and versions that calls have followed stay behind hidden, so that those calls can still be looked at.</summary>
internal static class DeleteDefinition
{
    public static void Map(IEndpointRouteBuilder api)
    {
        api.MapDelete("/workflow-definitions/{definitionId}", FlowAsync);
        api.MapDelete("/workflow-definition-versions/{versionId}", VersionAsync);
        api.MapPost("/bulk-actions/delete/workflow-definitions/by-definition-id", FlowsAsync);
        api.MapPost("/bulk-actions/delete/workflow-definitions/by-id", VersionsAsync);
    }

    private static async Task<IResult> FlowAsync(string definitionId, ClaimsPrincipal user, DefinitionLibrary library, DefinitionAnswers answers, CancellationToken cancellationToken) =>
        await DeleteFlowAsync(definitionId, user, library, answers, cancellationToken) ? Results.NoContent() : StudioJson.NotFound("flow");

    private static async Task<IResult> VersionAsync(string versionId, ClaimsPrincipal user, DefinitionLibrary library, DefinitionAnswers answers, CancellationToken cancellationToken) =>
        await DeleteVersionAsync(versionId, user, library, answers, cancellationToken) ? Results.NoContent() : StudioJson.NotFound("version");

    private static async Task<IResult> FlowsAsync(HttpContext http, ClaimsPrincipal user, DefinitionLibrary library, DefinitionAnswers answers, CancellationToken cancellationToken)
    {
        var deleted = 0;
        foreach (var id in (await StudioJson.ReadAsync(http.Request, cancellationToken))?.Texts("definitionIds") ?? [])
        {
            deleted += await DeleteFlowAsync(id, user, library, answers, cancellationToken) ? 1 : 0;
        }

        return StudioJson.Ok(new JsonObject { ["deleted"] = deleted });
    }

    private static async Task<IResult> VersionsAsync(HttpContext http, ClaimsPrincipal user, DefinitionLibrary library, DefinitionAnswers answers, CancellationToken cancellationToken)
    {
        var deleted = 0;
        foreach (var id in (await StudioJson.ReadAsync(http.Request, cancellationToken))?.Texts("ids") ?? [])
        {
            deleted += await DeleteVersionAsync(id, user, library, answers, cancellationToken) ? 1 : 0;
        }

        return StudioJson.Ok(new JsonObject { ["deleted"] = deleted });
    }

    private static async ValueTask<bool> DeleteFlowAsync(string definitionId, ClaimsPrincipal user, DefinitionLibrary library, DefinitionAnswers answers, CancellationToken cancellationToken) =>
        await answers.FindOwnAsync(user.AccountId(), definitionId, cancellationToken) is not null && await library.DeleteAsync(definitionId, cancellationToken);

    private static async ValueTask<bool> DeleteVersionAsync(string versionId, ClaimsPrincipal user, DefinitionLibrary library, DefinitionAnswers answers, CancellationToken cancellationToken) =>
        await answers.FindVersionAsync(user.AccountId(), versionId, cancellationToken) is { } version && version.AccountId == user.AccountId()
        && await library.DeleteVersionAsync(versionId, cancellationToken);
}
