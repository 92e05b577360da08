using System.ComponentModel;
using System.Security.Claims;
using System.Text.Json;
using System.Text.Json.Nodes;
using FluentValidation;
using Microsoft.AspNetCore.Mvc;
using Sift.Web.Accounts;
using Sift.Web.Http;
using Sift.Web.Storage;
using Sift.Workflows.Definitions;
using Sift.Workflows.Journal;

namespace Sift.Web.Workflows;

/// <summary>A test run to start.</summary>
internal sealed record NewTestRun
{
    [Description("Object with values for the inputs and variables of the workflow, by name. In a form: the object as JSON text.")]
    public JsonNode? Input { get; init; }

    [Description("List of the names or ids of the activities before which the run is held, or the text \"every\" to hold it before each. Those marked in the designer when absent. In a form: as JSON text.")]
    public JsonNode? Breakpoints { get; init; }

    [Description("Seconds it is held at one place before it is cancelled, 1 to 3600; Sift__Studio__HoldSeconds when absent.")]
    public double? HoldSeconds { get; init; }

    [Description("E.164 number of the phone to call when the workflow talks to somebody; the test phone when absent.")]
    public string? PhoneNumber { get; init; }
}

internal sealed class NewTestRunValidator : AbstractValidator<NewTestRun>
{
    public const string Every = "every";

    public NewTestRunValidator()
    {
        RuleFor(run => run.Input).Must(input => input is null or JsonObject).WithMessage("must be an object");
        RuleFor(run => run.Breakpoints).Must(given => given is null || IsEvery(given) || (given is JsonArray list && list.All(item => item?.GetValueKind() == JsonValueKind.String)))
            .WithMessage($"must be a list of activities or \"{Every}\"");
        RuleFor(run => run.HoldSeconds).Must(seconds => seconds is null or (>= 1 and <= 3600)).WithMessage("must be from 1 to 3600");
        RuleFor(run => run.PhoneNumber).E164();
    }

    public static bool IsEvery(JsonNode? given) => given is JsonValue value && value.TryGetValue(out string? text) && text == Every;
}

internal static class TestWorkflow
{
    public static void Map(IEndpointRouteBuilder routes) => routes.MapPost("/workflows/{workflow_id}/test", HandleAsync)
        .WithName(nameof(TestWorkflow))
        .WithSummary("Test a workflow")
        .WithDescription("Runs the newest version, a draft too: on a call to the test phone when it talks to somebody. Breakpoints hold it before an activity; "
            + "POST /v0/instances/{instance_id}/continue and …/step let it go on. With an Idempotency-Key a repeated request starts no second run.")
        .AcceptsBody<NewTestRun>()
        .Produces<InstanceObject>(StatusCodes.Status201Created)
        .ProducesProblems(400, 404, 409, 413, 415, 422, 503);

    private static async Task<IResult> HandleAsync(
        [FromRoute(Name = "workflow_id")] string workflow, HttpContext http, ClaimsPrincipal user, NewTestRunValidator validator, IdempotencyKeys keys,
        IDefinitionStore definitions, IJournalStore journal, TestRuns runs)
    {
        var account = user.AccountId();
        if (await definitions.VersionsAsync(workflow, http.RequestAborted) is not [.., { } latest] || (latest.AccountId is not null && latest.AccountId != account))
        {
            return Problems.NotFound("workflow");
        }

        var body = await RequestBody.ReadAsync(http, ApiJson.Wire.NewTestRun, validator);
        if (body.Value is not { } given)
        {
            return body.Problem!;
        }

        var graph = new WorkflowGraph(latest);
        var names = (given.Breakpoints as JsonArray)?.Select(item => item!.GetValue<string>()).ToList();
        if (names?.FirstOrDefault(name => Breakpoints.Find(graph, name) is null) is { } unknown)
        {
            return Problems.Invalid("breakpoints", $"names '{unknown}', and the workflow has no such activity");
        }

        var run = new TestRun
        {
            Input = given.Input as JsonObject,
            Breakpoints = names?.ConvertAll(name => Breakpoints.Find(graph, name)!.NodeId),
            IsStepping = NewTestRunValidator.IsEvery(given.Breakpoints),
            Limit = given.HoldSeconds is { } seconds ? TimeSpan.FromSeconds(seconds) : null,
            PhoneNumber = given.PhoneNumber,
        };
        var fingerprint = workflow + JsonSerializer.Serialize(given, ApiJson.Wire.NewTestRun);
        return await keys.RunAsync(http, fingerprint, ApiJson.Wire.InstanceObject, async id =>
        {
            try
            {
                if (await journal.FindAsync(id, http.RequestAborted) is null && !await runs.RunAsync(id, account, latest, run, http.RequestAborted))
                {
                    return new Creation<InstanceObject>(null!, "", Problems.Invalid(
                        "phone_number", "is required: the workflow talks to somebody, and this server has neither a sandbox nor Sift__Studio__TestNumber"));
                }
            }
            catch (DefinitionInvalidException invalid)
            {
                return new Creation<InstanceObject>(null!, "", PublishWorkflow.Refused(invalid));
            }

            var shown = await journal.FindAsync(id, http.RequestAborted) is { } started
                ? InstanceObject.Of(started)
                : new InstanceObject(id, latest.DefinitionId, latest.Id, latest.Version, "running", latest.CreatedAt);
            return new Creation<InstanceObject>(shown, $"/v0/instances/{id}", null);
        });
    }
}
