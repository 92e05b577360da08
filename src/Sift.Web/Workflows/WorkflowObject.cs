using System.ComponentModel;
using System.Text.Json.Nodes;
using Sift.Web.Storage;
using Sift.Workflows.Definitions;

namespace Sift.Web.Workflows;

/// <summary>A workflow definition as the API shows it: what it is called, where it stands, and the flow in Elsa 3's JSON.</summary>
internal sealed record WorkflowObject(
    [property: Description("Id of the flow over all its versions; what applications and calls name.")] string WorkflowId,
    [property: Description("Id of this version.")] string VersionId,
    [property: Description("Number of this version, from 1.")] int Version,
    [property: Description("Name for people.")] string Name,
    [property: Description("Whether calls are answered by this version.")] bool IsPublished,
    [property: Description("Whether this is the newest version.")] bool IsLatest,
    [property: Description("Shipped with the server: can be read and run, not changed.")] bool IsReadonly,
    [property: Description("When this version was made; ISO 8601, UTC.")] DateTimeOffset CreatedAt)
{
    [Description("What it is for.")]
    public string? Description { get; init; }

    [Description("The definition in Elsa 3's JSON, as Elsa Studio saves it. Absent in lists.")]
    public JsonNode? Definition { get; init; }

    public static WorkflowObject Of(DefinitionRow row, string accountId) =>
        new(row.DefinitionId, row.Id, row.Version, row.Name, row.IsPublished, row.IsLatest, row.AccountId != accountId, row.CreatedAt) { Description = row.Description };

    public static WorkflowObject Of(WorkflowDefinition definition, string accountId) => new(
        definition.DefinitionId, definition.Id, definition.Version, definition.Name, definition.IsPublished, definition.IsLatest, definition.AccountId != accountId, definition.CreatedAt)
    {
        Description = definition.Description,
        Definition = definition.Json.DeepClone(),
    };
}
