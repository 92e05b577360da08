using Sift.Web.Storage;
using System.Security.Claims;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Mvc;
using Sift.Web.Accounts;
using Sift.Web.Http;
using Sift.Workflows.Definitions;
using Sift.Workflows.Engine;

namespace Sift.Web.Workflows;

internal static class ReadInstance
{
    private const int LargestPage = 1000;

    // Addresses and routines that a call goes by; no business of whoever reads the variables.
    private const string PlanVariable = "call";

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
        routes.MapGet("/instances/{instance_id}/replay", ReplayAsync)
            .WithName("ReplayInstance")
            .WithSummary("Replay an instance")
            .WithDescription("Gives everything that came from outside to the engine again and compares what it decides with what it decided then: by the version that was followed, "
                + "or by another one of the same workflow (query parameter version). Says where the two part; nothing is carried out.")
            .Produces<ReplayObject>()
            .ProducesProblems(404);
    }

    private static async Task<IResult> HandleAsync(
        [FromRoute(Name = "instance_id")] string id, long? at, ClaimsPrincipal user, InstanceReader instances, WorkflowCore core, CancellationToken cancellationToken)
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
            Variables = new JsonObject(view.Variables.Where(pair => pair.Key != PlanVariable).Select(pair => KeyValuePair.Create(pair.Key, pair.Value?.DeepClone()))),
            Current = [.. view.Activities.Where(record => record is { Status: ActivityStatus.Running, ParentId: not null }).Select(record => record.NodeId)],
            Incidents = [.. view.Incidents.Select(incident => incident.NodeId is null ? incident.Message : $"{incident.NodeId}: {incident.Message}")],
        });
    }

    private static async Task<IResult> ReplayAsync(
        [FromRoute(Name = "instance_id")] string id, int? version, ClaimsPrincipal user, InstanceReader instances, IDefinitionStore definitions, WorkflowCore core, CancellationToken cancellationToken)
    {
        if (await instances.FindAsync(user.AccountId(), id, cancellationToken) is not { } file)
        {
            return Problems.NotFound("instance");
        }

        var graph = file.Graph;
        if (version is { } number)
        {
            var other = (await definitions.VersionsAsync(file.Summary.DefinitionId, cancellationToken)).FirstOrDefault(candidate => candidate.Version == number);
            if (other is null)
            {
                return Problems.NotFound("version of that workflow");
            }

            graph = new WorkflowGraph(other);
        }

        var difference = Replayer.Replay(core, graph, file.Entries);
        return TypedResults.Ok(new ReplayObject(difference is null, graph.Definition.Version) { Sequence = difference?.Sequence, Recorded = difference?.Recorded, Decided = difference?.Decided });
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
