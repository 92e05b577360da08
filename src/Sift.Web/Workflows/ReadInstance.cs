using Sift.Web.Storage;
using System.Security.Claims;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Mvc;
using Sift.Web.Accounts;
using Sift.Web.Http;
using Sift.Workflows.Engine;

namespace Sift.Web.Workflows;

internal static class ReadInstance
{
    private const int LargestPage = 1000;

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/instances/{instance_id}", HandleAsync)
            .WithName("ReadInstance")
            .WithSummary("Read an instance")
            .WithDescription("Where the run of a workflow stands: its variables, what runs at present, what went wrong. With the query parameter at, a sequence of the journal: where it stood then.")
            .Produces<InstanceObject>()
            .ProducesProblems(404);
        routes.MapGet("/instances/{instance_id}/journal", JournalAsync)
            .WithName("ReadInstanceJournal")
            .WithSummary("Read the journal of an instance")
            .WithDescription("Everything that happened to it, in order. Query parameters: after, the sequence to read on from; limit, at most 1000.")
            .Produces<InstanceJournalObject>()
            .ProducesProblems(404);
    }

    private static async Task<IResult> HandleAsync(
        [FromRoute(Name = "instance_id")] string id, long? at, ClaimsPrincipal user, InstanceReader instances, WorkflowCore core, RetryAdvice advice, CancellationToken cancellationToken)
    {
        if (await instances.FindAsync(user.AccountId(), id, cancellationToken) is not { } file)
        {
            return Problems.NotFound("instance");
        }

        if (at is < 1 || at > file.View.Sequence)
        {
            return Problems.Invalid("at", $"must be a sequence of the journal, 1 to {file.View.Sequence}");
        }

        var view = at is { } sequence ? InstanceView.Of(core, file.Graph, file.Entries, sequence) : file.View;
        return TypedResults.Ok(InstanceObject.Of(view.Summary) with
        {
            Variables = new JsonObject(view.Variables.Where(pair => pair.Key != InstanceSteps.PlanVariable).Select(pair => KeyValuePair.Create(pair.Key, pair.Value?.DeepClone()))),
            Current = [.. view.Activities.Where(record => record is { Status: ActivityStatus.Running, ParentId: not null }).Select(record => record.NodeId)],
            Held = view.Held is { Count: > 0 } held ? [.. held.Select(place => new HeldObject(place.NodeId, place.Name, place.Until))] : null,
            Retry = at is null ? await advice.OfAsync(file, cancellationToken) : null,
            Incidents = [.. view.Incidents.Select(incident => incident.NodeId is null ? incident.Message : $"{incident.NodeId}: {incident.Message}")],
        });
    }

    private static async Task<IResult> JournalAsync(
        [FromRoute(Name = "instance_id")] string id, long? after, int? limit, ClaimsPrincipal user, InstanceReader instances, CancellationToken cancellationToken)
    {
        if (await instances.FindAsync(user.AccountId(), id, cancellationToken) is not { } file)
        {
            return Problems.NotFound("instance");
        }

        var size = Math.Clamp(limit ?? LargestPage, 1, LargestPage);
        var entries = file.Entries.Where(entry => entry.Sequence > (after ?? 0)).Take(size + 1).ToList();
        var page = entries.Take(size).Select(entry => (JsonNode)new JsonObject
        {
            ["sequence"] = entry.Sequence,
            ["at"] = entry.At,
            ["kind"] = entry.Kind,
            ["data"] = JsonNode.Parse(entry.Data.Span),
        }).ToList();
        return TypedResults.Ok(new InstanceJournalObject(page, entries.Count > size ? entries[size - 1].Sequence : null));
    }
}
