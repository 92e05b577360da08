using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Sift.Web.Storage;
using Sift.Workflows.Definitions;
using Sift.Workflows.Engine;
using Sift.Workflows.Journal;

namespace Sift.Web.Workflows;

/// <summary>
/// Ended instances as files, so that a call of one server can be looked at on another: the version that was followed and the journal.
/// What a caller entered in confidence is masked in the file.
/// </summary>
internal sealed class InstanceFiles(IJournalStore journal, IDefinitionStore definitions, WorkflowCore core)
{
    public const string Format = "sift-instance-1";

    private const int MostEntries = 100_000;

    public static JsonObject Write(InstanceFile file) => new()
    {
        ["format"] = Format,
        ["instance_id"] = file.Summary.InstanceId,
        ["definition"] = file.Graph.Definition.Json.DeepClone(),
        ["journal"] = new JsonArray([.. file.Entries.Select(entry => (JsonNode)new JsonObject { ["at"] = entry.At, ["kind"] = entry.Kind, ["data"] = JsonNode.Parse(entry.Data.Span) })]),
    };

    /// <summary>Takes one in, for that account.</summary>
    /// <returns>Why it was not taken in; null when it was.</returns>
    public async ValueTask<string?> ImportAsync(string accountId, ReadOnlyMemory<byte> utf8, CancellationToken cancellationToken)
    {
        try
        {
            if (JsonNode.Parse(utf8.Span) is not JsonObject json || json["format"]?.ToString() != Format
                || json["instance_id"]?.ToString() is not { } id || !Ids.IsId(id) || json["definition"] is not JsonObject definition || json["journal"] is not JsonArray { Count: > 0 and <= MostEntries } list)
            {
                return $"is not an instance exported by Sift (GET /v0/instances/{{id}}/export, format {Format})";
            }

            if (await journal.FindAsync(id, cancellationToken) is not null)
            {
                return $"holds instance {id}, which is here already";
            }

            return await TakeInAsync(accountId, id, WorkflowDefinition.Parse(definition, isFrozen: true, accountId), list, cancellationToken);
        }
        catch (Exception problem) when (problem is JsonException or FormatException or DefinitionFormatException or InvalidOperationException or KeyNotFoundException)
        {
            return $"cannot be read: {problem.Message}";
        }
    }

    private async ValueTask<string?> TakeInAsync(string accountId, string id, WorkflowDefinition definition, JsonArray list, CancellationToken cancellationToken)
    {
        var entries = list.Select((item, index) => new JournalEntry(
            id, index + 1, item!["at"]!.GetValue<DateTimeOffset>(), item["kind"]!.GetValue<string>(), Encoding.UTF8.GetBytes(item["data"]!.ToJsonString()))).ToArray();
        if (JournalEncoding.Decode(entries[0]) is not InstanceStarted started)
        {
            return "does not begin with the start of the instance";
        }

        entries[0] = JournalEncoding.Encode(id, 1, entries[0].At, [started with { AccountId = accountId, CorrelationId = null, DefinitionVersionId = definition.Id, DefinitionId = definition.DefinitionId }])[0];

        // Folding it all is the proof that the journal belongs to this version.
        var view = InstanceView.Of(core, new WorkflowGraph(definition), entries);
        if (view.Summary.FinishedAt is null)
        {
            return $"holds instance {id}, which had not ended; only ended ones are imported, because a running one belongs to its server";
        }

        var known = await definitions.FindVersionAsync(definition.Id, cancellationToken);
        if (known is { AccountId: { } owner } && owner != accountId)
        {
            return $"follows version {definition.Id}, which belongs to another account of this server";
        }

        if (known is not null && !JsonNode.DeepEquals(known.Json["root"], definition.Json["root"]))
        {
            return $"follows version {definition.Id}, which is another flow on this server";
        }

        if (known is null)
        {
            await definitions.SaveAsync([definition.With(("isPublished", false), ("isLatest", false))], cancellationToken);
        }

        await journal.AppendAsync(new JournalAppend(id, entries, view.Summary with { HasPendingEffects = false }, []), cancellationToken);
        if (known is null)
        {
            // There to be looked at, and for nothing else: neither listed nor run.
            await definitions.DeleteAsync([definition.Id], cancellationToken);
        }

        return null;
    }
}
