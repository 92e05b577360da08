using System.Security.Claims;
using System.Text.Json.Nodes;
using Sift.Web.Accounts;
using Sift.Web.Studio.Instances;

namespace Sift.Web.Studio.Definitions;

internal static class ReadDefinition
{
    public static void Map(IEndpointRouteBuilder api)
    {
        api.MapGet("/workflow-definitions/by-definition-id/{definitionId}", ByDefinitionAsync);
        api.MapGet("/workflow-definitions/by-id/{versionId}", ByVersionAsync);
        api.MapGet("/workflow-definitions/many-by-id", ManyAsync);
    }

    private static async Task<IResult> ByDefinitionAsync(string definitionId, string? versionOptions, ClaimsPrincipal user, DefinitionAnswers answers, CancellationToken cancellationToken) =>
        await answers.FindAsync(user.AccountId(), definitionId, versionOptions, cancellationToken) is { } found
            ? StudioJson.Ok(answers.Full(found, user.AccountId()))
            : StudioJson.NotFound("flow");

    private static async Task<IResult> ByVersionAsync(string versionId, ClaimsPrincipal user, DefinitionAnswers answers, RoutinePictures routines, CancellationToken cancellationToken)
    {
        var json = RoutinePictures.InstanceOf(versionId) is { } instance
            ? await routines.DrawAsync(user.AccountId(), instance, cancellationToken)
            : await answers.FindVersionAsync(user.AccountId(), versionId, cancellationToken) is { } found ? answers.Full(found, user.AccountId()) : null;
        return json is null ? StudioJson.NotFound("version") : StudioJson.Ok(json);
    }

    private static async Task<IResult> ManyAsync(HttpContext http, ClaimsPrincipal user, DefinitionAnswers answers, CancellationToken cancellationToken)
    {
        var items = new JsonArray();
        foreach (var id in http.Request.Query["Ids"].OfType<string>())
        {
            if (await answers.FindVersionAsync(user.AccountId(), id, cancellationToken) is { } found)
            {
                items.Add(answers.Full(found, user.AccountId()));
            }
        }

        return StudioJson.Items(items);
    }
}
