using System.ComponentModel;
using System.Security.Claims;
using System.Text.Json;
using System.Text.Json.Nodes;
using FluentValidation;
using Sift.Activities.Routines;
using Sift.Web.Accounts;
using Sift.Web.Http;
using Sift.Web.Storage;
using Sift.Workflows.Definitions;

namespace Sift.Web.Connections;

/// <summary>An outbound call to place.</summary>
internal sealed record NewConnection
{
    [Description("E.164 number to call.")]
    public string? PhoneNumber { get; init; }

    [Description("URL that receives the connection whenever its status changes; the routine in its reply to connected runs. Required unless routine is given.")]
    public string? StatusUrl { get; init; }

    [Description("E.164 number shown to the callee; the account's first number when absent.")]
    public string? CallerId { get; init; }

    [Description("Seconds the phone may ring, 1 to 600; 60 when absent.")]
    public double? TimeoutSeconds { get; init; }

    [Description("Commands to run once the call is answered, unless the status callback brings a routine. In a form: the list as JSON text.")]
    public JsonNode? Routine { get; init; }

    [Description("Id of a published workflow definition that handles the call instead of a routine. Its first step that needs the phone dials it.")]
    public string? WorkflowId { get; init; }

    [Description("Object with values for the inputs of the workflow, by name. In a form: the object as JSON text.")]
    public JsonNode? Input { get; init; }
}

internal sealed class NewConnectionValidator : AbstractValidator<NewConnection>
{
    public NewConnectionValidator(RoutineParser routines)
    {
        RuleFor(call => call.PhoneNumber).Cascade(CascadeMode.Stop).Required().E164();
        RuleFor(call => call.StatusUrl).WebUrl();
        RuleFor(call => call.StatusUrl).NotNull().When(call => call.Routine is null && call.WorkflowId is null).WithMessage("is required unless routine or workflow_id is given");
        RuleFor(call => call.WorkflowId).Null().When(call => call.Routine is not null).WithMessage("cannot be given together with routine");
        RuleFor(call => call.Input).Must(input => input is null or JsonObject).WithMessage("must be an object");
        RuleFor(call => call.Input).Null().When(call => call.WorkflowId is null).WithMessage("is only for calls with workflow_id");
        RuleFor(call => call.CallerId).E164();
        RuleFor(call => call.TimeoutSeconds).Must(seconds => seconds is null or (>= 1 and <= 600)).WithMessage("must be from 1 to 600");
        RuleFor(call => call.Routine).Routine(routines);
    }
}

internal static class CreateConnection
{
    public static void Map(IEndpointRouteBuilder routes) => routes.MapPost("/connections", HandleAsync)
        .WithName(nameof(CreateConnection))
        .WithSummary("Place a call")
        .WithDescription("Answers as soon as the call is durably accepted: from then on it is dialled exactly once or reported failed. With an Idempotency-Key a repeated request places no second call.")
        .AcceptsBody<NewConnection>()
        .Produces<ConnectionObject>(StatusCodes.Status201Created)
        .ProducesProblems(400, 409, 413, 415, 422, 503);

    private static async Task<IResult> HandleAsync(
        HttpContext http, ClaimsPrincipal user, NewConnectionValidator validator, IdempotencyKeys keys, ICallControl calls, IDefinitionStore definitions)
    {
        var body = await RequestBody.ReadAsync(http, ApiJson.Wire.NewConnection, validator);
        if (body.Value is not { } call)
        {
            return body.Problem!;
        }

        if (call.WorkflowId is { } workflow && !await definitions.IsPublishedForAsync(user.AccountId(), workflow, http.RequestAborted))
        {
            return Problems.Invalid("workflow_id", WorkflowReferences.NotPublished);
        }

        var fingerprint = JsonSerializer.Serialize(call, ApiJson.Wire.NewConnection);
        return await keys.RunAsync(http, fingerprint, ApiJson.Wire.ConnectionObject, async id =>
        {
            var ringTimeout = call.TimeoutSeconds is { } seconds ? TimeSpan.FromSeconds(seconds) : (TimeSpan?)null;
            var connection = await calls.PlaceAsync(
                new CallRequest(id, user.AccountId(), call.PhoneNumber!, call.StatusUrl, call.CallerId, ringTimeout, call.Routine?.AsArray())
                {
                    Workflow = call.WorkflowId is { } definition ? new CallWorkflow(definition, null, call.Input as JsonObject) : null,
                },
                http.RequestAborted);
            return new Creation<ConnectionObject>(ConnectionObject.Of(connection), $"/v0/connections/{id}", null);
        });
    }
}
