using Sift.Web.Storage;
using Sift.Web.Storage.Nodes;
using System.ComponentModel;
using System.Security.Claims;
using System.Text.Json.Nodes;
using FluentValidation;
using Microsoft.AspNetCore.Mvc;
using Sift.Web.Accounts;
using Sift.Web.Http;
using Sift.Workflows.Engine;

namespace Sift.Web.Workflows;

/// <summary>An event for an instance that waits for it.</summary>
internal sealed record InstanceEvent
{
    [Description("Name of the event that a WaitForEvent activity waits for.")]
    public string? Event { get; init; }

    [Description("Key of the event, for activities that wait for one key only.")]
    public string? Key { get; init; }

    [Description("Anything; the output Payload of the activity.")]
    public JsonNode? Payload { get; init; }
}

internal sealed class InstanceEventValidator : AbstractValidator<InstanceEvent>
{
    public InstanceEventValidator() => RuleFor(given => given.Event).Required();
}

internal static class ChangeInstance
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPost("/instances/{instance_id}/cancel", CancelAsync)
            .WithName("CancelInstance").WithSummary("Cancel an instance").WithDescription("Stops whatever runs in it. A call it runs is hung up.")
            .Produces<InstanceObject>().ProducesProblems(404, 409);
        routes.MapPost("/instances/{instance_id}/retry", RetryAsync)
            .WithName("RetryInstance").WithSummary("Retry a faulted instance").WithDescription("Goes on by running the failed activity anew. A call ends with the fault of its flow; its instance can go on only when nothing in what is left needs the phone, which its property retry says.")
            .Produces<InstanceObject>().ProducesProblems(404, 409);
        routes.MapPost("/instances/{instance_id}/continue", static (
                [FromRoute(Name = "instance_id")] string id, ClaimsPrincipal user, InstanceReader instances, IWorkflowRuntime runtime, CancellationToken cancellationToken) =>
                ReleaseAsync(id, step: false, user, instances, runtime, cancellationToken))
            .WithName("ContinueInstance").WithSummary("Let a held test run go on").WithDescription("Everything before which it is held begins; it is held again at the next breakpoint.")
            .Produces<InstanceObject>().ProducesProblems(404, 409);
        routes.MapPost("/instances/{instance_id}/step", static (
                [FromRoute(Name = "instance_id")] string id, ClaimsPrincipal user, InstanceReader instances, IWorkflowRuntime runtime, CancellationToken cancellationToken) =>
                ReleaseAsync(id, step: true, user, instances, runtime, cancellationToken))
            .WithName("StepInstance").WithSummary("Let a held test run go one step").WithDescription("The activity before which it is held begins; it is held again before the next one, whichever that is.")
            .Produces<InstanceObject>().ProducesProblems(404, 409);
        routes.MapPost("/instances/{instance_id}/events", SendAsync)
            .WithName("SendInstanceEvent").WithSummary("Send an event to an instance").WithDescription("Resumes the activities that wait for it; an event that nothing waits for is kept in the journal and otherwise ignored.")
            .AcceptsBody<InstanceEvent>().Produces<InstanceObject>().ProducesProblems(400, 404, 409);
    }

    private static async Task<IResult> CancelAsync([FromRoute(Name = "instance_id")] string id, ClaimsPrincipal user, InstanceReader instances, InstanceOwners owners, IWorkflowRuntime runtime, CancellationToken cancellationToken)
    {
        if (await instances.FindSummaryAsync(user.AccountId(), id, cancellationToken) is null)
        {
            return Problems.NotFound("instance");
        }

        if (await owners.ElsewhereAsync(id, cancellationToken) is { } node)
        {
            return Elsewhere(node);
        }

        return await runtime.CancelAsync(id, "cancelled by request", cancellationToken)
            ? await AnswerAsync(id, user, instances, cancellationToken)
            : Problems.Of(StatusCodes.Status409Conflict, "The instance has ended already.");
    }

    private static async Task<IResult> RetryAsync(
        [FromRoute(Name = "instance_id")] string id, ClaimsPrincipal user, InstanceReader instances, IWorkflowRuntime runtime, RetryAdvice advice, CancellationToken cancellationToken)
    {
        if (await instances.FindAsync(user.AccountId(), id, cancellationToken) is not { } file)
        {
            return Problems.NotFound("instance");
        }

        return await advice.OfAsync(file, cancellationToken) switch
        {
            { Possible: false, Reason: { } reason } => Problems.Of(StatusCodes.Status409Conflict, reason),
            { } when await runtime.RetryAsync(id, cancellationToken) => await AnswerAsync(id, user, instances, cancellationToken),
            _ => Problems.Of(StatusCodes.Status409Conflict, "The instance is not faulted."),
        };
    }

    private static async Task<IResult> ReleaseAsync(string id, bool step, ClaimsPrincipal user, InstanceReader instances, IWorkflowRuntime runtime, CancellationToken cancellationToken)
    {
        if (await instances.FindSummaryAsync(user.AccountId(), id, cancellationToken) is null)
        {
            return Problems.NotFound("instance");
        }

        return await runtime.ReleaseAsync(id, step, cancellationToken)
            ? await AnswerAsync(id, user, instances, cancellationToken)
            : Problems.Of(StatusCodes.Status409Conflict, "The instance is not held at a breakpoint.");
    }

    private static async Task<IResult> SendAsync(
        [FromRoute(Name = "instance_id")] string id, HttpContext http, ClaimsPrincipal user, InstanceEventValidator validator, InstanceReader instances, InstanceOwners owners, IWorkflowRuntime runtime, CancellationToken cancellationToken)
    {
        if (await instances.FindSummaryAsync(user.AccountId(), id, cancellationToken) is not { } summary)
        {
            return Problems.NotFound("instance");
        }

        var body = await RequestBody.ReadAsync(http, ApiJson.Wire.InstanceEvent, validator);
        if (body.Value is not { } given)
        {
            return body.Problem!;
        }

        if (summary.FinishedAt is not null)
        {
            return Problems.Of(StatusCodes.Status409Conflict, "The instance has ended.");
        }

        if (await owners.ElsewhereAsync(id, cancellationToken) is { } node)
        {
            return Elsewhere(node);
        }

        return await runtime.SignalAsync(id, new InstanceSignal(EventSignals.NameOf(given.Event!), given.Key, given.Payload), cancellationToken)
            ? await AnswerAsync(id, user, instances, cancellationToken)
            : Problems.Of(StatusCodes.Status409Conflict, "The instance has ended.");
    }

    private static IResult Elsewhere(string node) => Problems.Of(StatusCodes.Status409Conflict, $"The instance runs on node {node}; send the request there.");

    private static async Task<IResult> AnswerAsync(string id, ClaimsPrincipal user, InstanceReader instances, CancellationToken cancellationToken) =>
        await instances.FindSummaryAsync(user.AccountId(), id, cancellationToken) is { } now ? TypedResults.Ok(InstanceObject.Of(now)) : Problems.NotFound("instance");
}
