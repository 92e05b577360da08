using System.Security.Claims;
using System.Text.Json.Nodes;
using Sift.Web.Accounts;
using Sift.Workflows.Definitions;

namespace Sift.Web.Studio.Definitions;

/// <summary>
/// Create, auto-save, save and publish are one call. Drafts are taken however incomplete; what is published is checked. The call may be
/// repeated after a failure and then overwrites the same draft.
/// </summary>
internal static class SaveDefinition
{
    private const string Flowchart = "Elsa.Flowchart";

    public static void Map(IEndpointRouteBuilder api) => api.MapPost("/workflow-definitions", HandleAsync);

    private static async Task<IResult> HandleAsync(HttpContext http, ClaimsPrincipal user, DefinitionLibrary library, DefinitionAnswers answers, CancellationToken cancellationToken)
    {
        if ((await StudioJson.ReadAsync(http.Request, cancellationToken))?["model"] is not JsonObject model)
        {
            return StudioJson.BadRequest("The request holds no flow.");
        }

        var publish = (model.Parent as JsonObject)?.Flag("publish") ?? false;
        var account = user.AccountId();
        return await SaveAsync(model, publish, account, library, saved => StudioJson.Ok(answers.Saved(saved, account)), cancellationToken);
    }

    public static async Task<IResult> SaveAsync(
        JsonObject model, bool publish, string account, DefinitionLibrary library, Func<WorkflowDefinition, IResult> answer, CancellationToken cancellationToken)
    {
        if (model["root"] is JsonObject root && root.Text("type") is { } type && type != Flowchart)
        {
            return StudioJson.BadRequest($"A flow must be a flowchart; '{type}' cannot be drawn or run here.");
        }

        if (string.IsNullOrWhiteSpace(model.Text("name")))
        {
            return StudioJson.BadRequest("A flow needs a name.");
        }

        try
        {
            return answer(await library.SaveAsync(DefinitionAnswers.Incoming(model), publish, account, cancellationToken));
        }
        catch (DefinitionInvalidException invalid)
        {
            return StudioJson.Invalid(invalid.Problems);
        }
        catch (Exception problem) when (problem is DefinitionFormatException or DefinitionForeignException)
        {
            return StudioJson.BadRequest(problem.Message);
        }
    }
}
