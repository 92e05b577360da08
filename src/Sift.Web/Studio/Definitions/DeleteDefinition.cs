using System.Security.Claims;
using System.Text.Json.Nodes;
using Sift.Web.Accounts;
using Sift.Web.Storage;
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

    private static async Task<IResult> FlowAsync(
        string definitionId, HttpContext http, ClaimsPrincipal user, DefinitionLibrary library, DefinitionAnswers answers, DefinitionUses uses, CancellationToken cancellationToken) =>
        await DeleteFlowAsync(definitionId, http, user, library, answers, uses, cancellationToken) ? Results.NoContent() : StudioJson.NotFound("flow");

    private static async Task<IResult> VersionAsync(
        string versionId, HttpContext http, ClaimsPrincipal user, DefinitionLibrary library, DefinitionAnswers answers, DefinitionUses uses, CancellationToken cancellationToken) =>
        await DeleteVersionAsync(versionId, http, user, library, answers, uses, cancellationToken) ? Results.NoContent() : StudioJson.NotFound("version");

    private static async Task<IResult> FlowsAsync(
        HttpContext http, ClaimsPrincipal user, DefinitionLibrary library, DefinitionAnswers answers, DefinitionUses uses, CancellationToken cancellationToken)
    {
        var deleted = 0;
        foreach (var id in (await StudioJson.ReadAsync(http.Request, cancellationToken))?.Texts("definitionIds") ?? [])
        {
            deleted += await DeleteFlowAsync(id, http, user, library, answers, uses, cancellationToken) ? 1 : 0;
        }

        return StudioJson.Ok(new JsonObject { ["deleted"] = deleted });
    }

    private static async Task<IResult> VersionsAsync(
        HttpContext http, ClaimsPrincipal user, DefinitionLibrary library, DefinitionAnswers answers, DefinitionUses uses, CancellationToken cancellationToken)
    {
        var deleted = 0;
        foreach (var id in (await StudioJson.ReadAsync(http.Request, cancellationToken))?.Texts("ids") ?? [])
        {
            deleted += await DeleteVersionAsync(id, http, user, library, answers, uses, cancellationToken) ? 1 : 0;
        }

        return StudioJson.Ok(new JsonObject { ["deleted"] = deleted });
    }

    // The elements take no refusal but "not found" without breaking; why it is kept is said by the host page.
    private static async ValueTask<bool> DeleteFlowAsync(
        string definitionId, HttpContext http, ClaimsPrincipal user, DefinitionLibrary library, DefinitionAnswers answers, DefinitionUses uses, CancellationToken cancellationToken)
    {
        if (await answers.FindOwnAsync(user.AccountId(), definitionId, cancellationToken) is not { } latest)
        {
            return false;
        }

        if (await uses.ReasonToKeepAsync(user.AccountId(), definitionId, cancellationToken) is { } reason)
        {
            StudioJson.Tell(http, $"{latest.Name} is kept. {reason}");
            return false;
        }

        return await library.DeleteAsync(definitionId, cancellationToken);
    }

    private static async ValueTask<bool> DeleteVersionAsync(
        string versionId, HttpContext http, ClaimsPrincipal user, DefinitionLibrary library, DefinitionAnswers answers, DefinitionUses uses, CancellationToken cancellationToken)
    {
        if (await answers.FindVersionAsync(user.AccountId(), versionId, cancellationToken) is not { } version || version.AccountId != user.AccountId())
        {
            return false;
        }

        if (version.IsPublished && await uses.ReasonToKeepAsync(user.AccountId(), version.DefinitionId, cancellationToken) is { } reason)
        {
            StudioJson.Tell(http, $"Version {version.Version} of {version.Name} is kept. {reason}");
            return false;
        }

        return await library.DeleteVersionAsync(versionId, cancellationToken);
    }
}
