using System.Security.Claims;
using System.Text.Json.Nodes;
using Sift.Web.Accounts;
using Sift.Web.Storage;
using Sift.Workflows.Definitions;

namespace Sift.Web.Studio.Definitions;

internal static class PublishDefinition
{
    public static void Map(IEndpointRouteBuilder api)
    {
        api.MapPost("/workflow-definitions/{definitionId}/publish", PublishAsync);
        api.MapPost("/workflow-definitions/{definitionId}/retract", RetractAsync);
        api.MapPost("/bulk-actions/publish/workflow-definitions/by-definition-ids", BulkPublishAsync);
        api.MapPost("/bulk-actions/retract/workflow-definitions/by-definition-ids", BulkRetractAsync);
    }

    private static async Task<IResult> PublishAsync(string definitionId, ClaimsPrincipal user, DefinitionLibrary library, DefinitionAnswers answers, CancellationToken cancellationToken)
    {
        var account = user.AccountId();
        if (await answers.FindOwnAsync(account, definitionId, cancellationToken) is not { } latest)
        {
            return StudioJson.NotFound("flow");
        }

        try
        {
            var published = await library.PublishAsync(definitionId, cancellationToken);
            return published is null ? StudioJson.NotFound("flow") : StudioJson.Ok(answers.Saved(published, account, alreadyPublished: latest.IsPublished));
        }
        catch (DefinitionInvalidException invalid)
        {
            return StudioJson.Invalid(invalid.Problems);
        }
    }

    private static async Task<IResult> RetractAsync(
        string definitionId, HttpContext http, ClaimsPrincipal user, DefinitionLibrary library, DefinitionAnswers answers, DefinitionUses uses, CancellationToken cancellationToken)
    {
        var account = user.AccountId();
        if (await answers.FindOwnAsync(account, definitionId, cancellationToken) is not { } latest)
        {
            return StudioJson.NotFound("flow");
        }

        if (await uses.ReasonToKeepAsync(account, definitionId, cancellationToken) is { } reason)
        {
            // The editor shows the answer; the list says "retracted" whatever it is.
            StudioJson.Tell(http, $"{latest.Name} is still published. {reason}");
            return StudioJson.BadRequest(reason);
        }

        return await library.RetractAsync(definitionId, cancellationToken) is { } retracted
            ? StudioJson.Ok(answers.Full(retracted, account))
            : StudioJson.BadRequest("No version of this flow is published.");
    }

    private static async Task<IResult> BulkPublishAsync(HttpContext http, ClaimsPrincipal user, DefinitionLibrary library, DefinitionAnswers answers, CancellationToken cancellationToken)
    {
        var (published, already, missing, problems) = (new JsonArray(), new JsonArray(), new JsonArray(), new List<DefinitionProblem>());
        foreach (var id in await IdsAsync(http, cancellationToken))
        {
            if (await answers.FindOwnAsync(user.AccountId(), id, cancellationToken) is not { } latest)
            {
                missing.Add(id);
            }
            else if (latest.IsPublished)
            {
                already.Add(id);
            }
            else
            {
                try
                {
                    await library.PublishAsync(id, cancellationToken);
                    published.Add(id);
                }
                catch (DefinitionInvalidException invalid)
                {
                    problems.AddRange(invalid.Problems.Select(problem => problem with { Message = $"{latest.Name}: {problem.Message}" }));
                }
            }
        }

        return problems.Count > 0
            ? StudioJson.Invalid(problems)
            : StudioJson.Ok(new JsonObject { ["published"] = published, ["alreadyPublished"] = already, ["notFound"] = missing, ["updatedConsumers"] = new JsonArray() });
    }

    private static async Task<IResult> BulkRetractAsync(
        HttpContext http, ClaimsPrincipal user, DefinitionLibrary library, DefinitionAnswers answers, DefinitionUses uses, CancellationToken cancellationToken)
    {
        var (retracted, already, missing, refused) = (new JsonArray(), new JsonArray(), new JsonArray(), new List<string>());
        foreach (var id in await IdsAsync(http, cancellationToken))
        {
            if (await answers.FindOwnAsync(user.AccountId(), id, cancellationToken) is not { } latest)
            {
                missing.Add(id);
            }
            else if (await uses.ReasonToKeepAsync(user.AccountId(), id, cancellationToken) is { } reason)
            {
                refused.Add($"{latest.Name}: {reason}");
            }
            else
            {
                (await library.RetractAsync(id, cancellationToken) is null ? already : retracted).Add(id);
            }
        }

        if (refused.Count > 0)
        {
            StudioJson.Tell(http, string.Join(" ", refused));
        }

        return StudioJson.Ok(new JsonObject { ["retracted"] = retracted, ["alreadyRetracted"] = already, ["notFound"] = missing });
    }

    private static async ValueTask<IReadOnlyList<string>> IdsAsync(HttpContext http, CancellationToken cancellationToken) =>
        (await StudioJson.ReadAsync(http.Request, cancellationToken))?.Texts("definitionIds") ?? [];
}
