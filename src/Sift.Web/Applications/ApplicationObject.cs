using System.ComponentModel;
using System.Text.Json.Nodes;
using Sift.Web.Storage;

namespace Sift.Web.Applications;

/// <summary>An application as the API shows it (sift-api 2.1). Unset properties are absent.</summary>
internal sealed record ApplicationObject(
    [property: Description("Unique id, 16 hex digits.")] string AppId,
    [property: Description("The same value as app_id.")] string ApplicationId,
    [property: Description("Short name for people.")] string Name,
    [property: Description("immediately: calls are answered before on_incoming is asked. on_demand: the phone rings until a command needs media.")] string Answer,
    [property: Description("Numbers bound to the application.")] IReadOnlyList<string> PhoneNumbers)
{
    [Description("URL that receives the incoming connection callback.")]
    public string? OnIncoming { get; init; }

    [Description("List of commands to run when on_incoming is not set.")]
    public JsonNode? DefaultRoutine { get; init; }

    [Description("List of commands to run when no callback reply can be had.")]
    public JsonNode? FallbackRoutine { get; init; }

    [Description("URL asked for a routine when on_incoming gives none in time.")]
    public string? FallbackUrl { get; init; }

    [Description("Id of a workflow definition that handles the calls instead of a routine.")]
    public string? WorkflowId { get; init; }

    public static ApplicationObject From(ApplicationRow row, IReadOnlyList<string> phoneNumbers) => new(row.Id, row.Id, row.Name, row.Answer, phoneNumbers)
    {
        OnIncoming = row.OnIncoming,
        DefaultRoutine = Parse(row.DefaultRoutine),
        FallbackRoutine = Parse(row.FallbackRoutine),
        FallbackUrl = row.FallbackUrl,
        WorkflowId = row.WorkflowId,
    };

    private static JsonNode? Parse(string? json) => json is null ? null : JsonNode.Parse(json);
}
