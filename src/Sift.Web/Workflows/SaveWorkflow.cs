using System.Security.Claims;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Mvc;
using Sift.Web.Accounts;
using Sift.Web.Http;
using Sift.Workflows.Definitions;

namespace Sift.Web.Workflows;

/// <summary>Takes a definition in Elsa 3's JSON as it is; members that Sift does not know are kept.</summary>
internal static class SaveWorkflow
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPost("/workflows", CreateAsync)
            .WithName("CreateWorkflow")
            .WithSummary("Create a workflow")
            .WithDescription("The body is a definition in Elsa 3's JSON. It is stored as a draft, or with ?publish=true published at once if it has no errors.")
            .Accepts<JsonObject>("application/json")
            .Produces<WorkflowObject>(StatusCodes.Status201Created)
            .ProducesProblems(400, 409, 413, 415);
        routes.MapPut("/workflows/{workflow_id}", ReplaceAsync)
            .WithName("ReplaceWorkflow")
            .WithSummary("Change a workflow")
            .WithDescription("Makes the body the newest version: a draft is overwritten, a published version gets a successor. Calls that are up keep their version.")
            .Accepts<JsonObject>("application/json")
            .Produces<WorkflowObject>()
            .ProducesProblems(400, 404, 413, 415);
    }

    private static async Task<IResult> CreateAsync(HttpContext http, bool? publish, ClaimsPrincipal user, DefinitionLibrary library, IDefinitionStore store, CancellationToken cancellationToken)
    {
        if (await ReadAsync(http, cancellationToken) is not { } model)
        {
            return Problems.Invalid("body", "must be a JSON object");
        }

        if (model["definitionId"] is JsonValue given && given.TryGetValue(out string? id) && id.Length > 0 && await store.VersionsAsync(id, cancellationToken) is { Count: > 0 })
        {
            return Problems.Of(StatusCodes.Status409Conflict, $"There is a workflow {id} already; change it with PUT, or leave definitionId out.");
        }

        return await SaveAsync(model, publish ?? false, user.AccountId(), library, saved => TypedResults.Created(
            http.Absolute($"/v0/workflows/{saved.DefinitionId}"), WorkflowObject.Of(saved, user.AccountId())), cancellationToken);
    }

    private static async Task<IResult> ReplaceAsync(
        [FromRoute(Name = "workflow_id")] string id, HttpContext http, bool? publish, ClaimsPrincipal user, DefinitionLibrary library, IDefinitionStore store, CancellationToken cancellationToken)
    {
        if (await store.VersionsAsync(id, cancellationToken) is not [.., { } latest] || latest.AccountId != user.AccountId())
        {
            return Problems.NotFound("workflow");
        }

        if (await ReadAsync(http, cancellationToken) is not { } model)
        {
            return Problems.Invalid("body", "must be a JSON object");
        }

        model["definitionId"] = id;
        return await SaveAsync(model, publish ?? false, user.AccountId(), library, saved => TypedResults.Ok(WorkflowObject.Of(saved, user.AccountId())), cancellationToken);
    }

    private static async Task<IResult> SaveAsync(
        JsonObject model, bool publish, string account, DefinitionLibrary library, Func<WorkflowDefinition, IResult> answer, CancellationToken cancellationToken)
    {
        model.Remove("links");
        model.Remove("$schema");
        try
        {
            return answer(await library.SaveAsync(model, publish, account, cancellationToken));
        }
        catch (DefinitionInvalidException invalid)
        {
            return PublishWorkflow.Refused(invalid);
        }
        catch (DefinitionFormatException problem)
        {
            return Problems.Invalid("body", problem.Message);
        }
        catch (DefinitionForeignException)
        {
            return Problems.Of(StatusCodes.Status409Conflict, "That definitionId is taken; leave it out.");
        }
    }

    private static async ValueTask<JsonObject?> ReadAsync(HttpContext http, CancellationToken cancellationToken)
    {
        try
        {
            return await JsonNode.ParseAsync(http.Request.Body, documentOptions: new JsonDocumentOptions { MaxDepth = 64 }, cancellationToken: cancellationToken) as JsonObject;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
