using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace Sift.Activities.Calls;

/// <summary>
/// What a call goes by, fixed when it begins and kept in its journal as the variable <c>call</c>: a change of configuration or
/// application does not reach into calls that are up, and a replay sees what the call saw.
/// </summary>
internal sealed record CallPlan(string AccountId)
{
    public const string VariableName = "call";

    public DateTimeOffset CreatedAt { get; init; }

    public string? ApplicationId { get; init; }

    public string? OnIncoming { get; init; }

    public string? StatusUrl { get; init; }

    /// <summary>The routine to run when no callback gives one.</summary>
    public JsonElement? DefaultRoutine { get; init; }

    public JsonElement? FallbackRoutine { get; init; }

    public string? FallbackUrl { get; init; }

    /// <summary>Ring first; the first command that needs media answers.</summary>
    public bool AnswerOnDemand { get; init; }

    /// <summary>Shown to the callees of CallPhone when the command names none.</summary>
    public string? CallerId { get; init; }

    /// <summary>How long an outbound call rings.</summary>
    public double RingSeconds { get; init; } = 60;

    /// <summary>How long the call waits for the answer to a callback.</summary>
    public double CallbackSeconds { get; init; } = 60;

    /// <summary>How long an answered call without a routine stays up.</summary>
    public double IdleSeconds { get; init; } = 60;

    /// <summary>Spoken before a call is hung up because its callback and its fallback both failed.</summary>
    public string Apology { get; init; } = CallOptions.DefaultApology;

    /// <summary>The plan as a variable. As long as the process lives, nobody need read it from there again.</summary>
    public JsonNode ToJson()
    {
        var json = JsonSerializer.SerializeToNode(this, CallJsonContext.Default.CallPlan)!;
        ReadOnce.Add(json, this);
        return json;
    }

    /// <summary>The plan in that variable, which nothing changes while the call is up: read once, though every step asks.</summary>
    public static CallPlan? Read(JsonNode? json) => json is null ? null : ReadOnce.GetValue(json, static node => node.Deserialize(CallJsonContext.Default.CallPlan)!);

    private static readonly ConditionalWeakTable<JsonNode, CallPlan> ReadOnce = [];
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault)]
[JsonSerializable(typeof(CallPlan))]
internal sealed partial class CallJsonContext : JsonSerializerContext;
