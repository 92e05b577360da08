using System.Security.Claims;
using System.Text.Json.Nodes;
using Sift.Web.Accounts;
using Sift.Web.Workflows;
using Sift.Workflows.Definitions;

namespace Sift.Web.Studio.Definitions;

/// <summary>The run button. Answers at once; the viewer then follows the instance that the header names.</summary>
internal static class ExecuteDefinition
{
    private const string InstanceHeader = "x-elsa-workflow-instance-id";
    private const string CannotStartHeader = "x-elsa-workflow-cannot-start";

    public static void Map(IEndpointRouteBuilder api)
    {
        api.MapPost("/workflow-definitions/{definitionId}/execute", HandleAsync);
        api.MapPost("/workflow-definitions/{definitionId}/dispatch", HandleAsync);
    }

    private static async Task<IResult> HandleAsync(
        string definitionId, HttpContext http, ClaimsPrincipal user, DefinitionAnswers answers, TestRuns runs, CancellationToken cancellationToken)
    {
        var body = await StudioJson.ReadAsync(http.Request, cancellationToken) ?? [];
        if (await answers.FindAsync(user.AccountId(), definitionId, body.Text("versionOptions"), cancellationToken) is not { } definition)
        {
            return StudioJson.NotFound("flow");
        }

        try
        {
            var instance = Ids.New();
            if (!await runs.RunAsync(instance, user.AccountId(), definition, new TestRun { Input = body["input"] as JsonObject }, cancellationToken))
            {
                http.Response.Headers[CannotStartHeader] = "true";
                StudioJson.Tell(http, "There is no phone to call: the flow talks to somebody, and this server has neither a sandbox nor Sift__Studio__TestNumber.");
                return StudioJson.Ok(new JsonObject { ["workflowInstanceId"] = null });
            }

            http.Response.Headers[InstanceHeader] = instance;
            return StudioJson.Ok(new JsonObject { ["workflowInstanceId"] = instance });
        }
        catch (DefinitionInvalidException invalid)
        {
            // Error answers of this call are swallowed by the client; the header makes it say something.
            http.Response.Headers[CannotStartHeader] = "true";
            StudioJson.Tell(http, string.Join(" ", invalid.Problems.Where(problem => !problem.IsWarning).Select(problem => problem.Message)));
            return StudioJson.Ok(new JsonObject());
        }
    }
}
