using System.ComponentModel;
using System.Security.Claims;
using System.Text.Json.Nodes;
using FluentValidation;
using Microsoft.AspNetCore.Mvc;
using Sift.Activities.Connections;
using Sift.Activities.Routines;
using Sift.Web.Accounts;
using Sift.Web.Http;
using Sift.Web.Storage.Nodes;

namespace Sift.Web.Connections;

/// <summary>What a live connection shall do: exactly one of the two.</summary>
internal sealed record ConnectionChange
{
    [Description("Commands that replace whatever is running. In a form: the list as JSON text.")]
    public JsonNode? Routine { get; init; }

    [Description("finished: hang up.")]
    public string? Status { get; init; }
}

internal sealed class ConnectionChangeValidator : AbstractValidator<ConnectionChange>
{
    public ConnectionChangeValidator(RoutineParser routines)
    {
        RuleFor(change => change.Routine).Routine(routines);
        RuleFor(change => change.Status).Must(status => status is null or "finished").WithMessage("can only be set to finished");
        RuleFor(change => change.Routine).Null().When(change => change.Status is not null).WithMessage("cannot be sent together with status");
        RuleFor(change => change.Routine).NotNull().When(change => change.Status is null).WithMessage("is required unless status is given");
    }
}

internal static class ChangeConnection
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        foreach (var method in new[] { "PATCH", "POST", "PUT" })
        {
            routes.MapMethods("/connections/{connection_id}", [method], HandleAsync)
                .WithName($"ChangeConnectionBy{method[0]}{method[1..].ToLowerInvariant()}")
                .WithSummary("Change a live connection")
                .WithDescription("routine replaces what is running; status finished hangs up. The three methods do the same.")
                .AcceptsBody<ConnectionChange>()
                .Produces<ConnectionObject>()
                .ProducesProblems(400, 404, 409, 413, 415);
        }
    }

    private static async Task<IResult> HandleAsync(
        HttpContext http, [FromRoute(Name = "connection_id")] string id, ClaimsPrincipal user, ConnectionChangeValidator validator, IConnectionStore store, ICallControl calls, InstanceOwners owners, CancellationToken cancellationToken)
    {
        if (await store.FindAsync(id, cancellationToken) is not { } connection || connection.AccountId != user.AccountId())
        {
            return Problems.NotFound("connection");
        }

        var body = await RequestBody.ReadAsync(http, ApiJson.Wire.ConnectionChange, validator);
        if (body.Value is not { } change)
        {
            return body.Problem!;
        }

        if (await owners.ElsewhereAsync(connection.ParentId ?? id, cancellationToken) is { } node)
        {
            return Problems.Of(StatusCodes.Status409Conflict, $"The call is on node {node}; send the request there.");
        }

        var done = connection.Status is ConnectionStatus.Connecting or ConnectionStatus.Connected && (change.Routine is JsonArray routine
            ? await calls.ReplaceRoutineAsync(id, routine, cancellationToken)
            : await calls.HangUpAsync(id, cancellationToken));
        return done
            ? TypedResults.Ok(ConnectionObject.Of(await store.FindAsync(id, cancellationToken) ?? connection))
            : Problems.Of(StatusCodes.Status409Conflict, "The connection has ended.");
    }
}
