using System.Security.Claims;
using System.Text.Json.Nodes;
using Sift.Web.Accounts;
using Sift.Web.Storage;
using Sift.Workflows.Definitions;

namespace Sift.Web.Studio.Definitions;

/// <summary>
/// Takes a definition from a file. A flow of the account with the same id gets a new draft; the id of somebody else's flow is replaced,
/// so that a file can be brought into any account.
/// </summary>
internal static class ImportDefinition
{
    public static void Map(IEndpointRouteBuilder api)
    {
        api.MapPost("/workflow-definitions/import", HandleAsync);
        api.MapPut("/workflow-definitions/import", HandleAsync);
    }

    private static async Task<IResult> HandleAsync(
        HttpContext http, ClaimsPrincipal user, DefinitionLibrary library, DefinitionStore store, DefinitionAnswers answers, CancellationToken cancellationToken)
    {
        if (await StudioJson.ReadAsync(http.Request, cancellationToken) is not { } body)
        {
            return StudioJson.BadRequest("The file holds no JSON object.");
        }

        var model = body["model"] as JsonObject ?? body;
        var account = user.AccountId();
        model = (JsonObject)model.DeepClone();
        if (model.Text("definitionId") is { Length: > 0 } id && await store.VersionsAsync(id, cancellationToken) is [.., { } latest] && latest.AccountId != account)
        {
            model.Remove("definitionId");
        }

        model["name"] ??= "Imported flow";
        return await SaveDefinition.SaveAsync(model, publish: false, account, library, saved => StudioJson.Ok(answers.Full(saved, account)), cancellationToken);
    }
}
