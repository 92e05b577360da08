using System.ComponentModel;
using System.Text.Json.Nodes;

namespace Sift.Web.Workflows;

/// <summary>One event of an instance and what it changed, so that a reader who takes them in order knows how things stood at each.</summary>
internal sealed record InstanceStep(
    [property: Description("Sequence of the journal entry.")] long Sequence,
    [property: Description("When; ISO 8601, UTC, milliseconds.")] string At,
    [property: Description("Kind of the event, as in the journal.")] string Kind,
    [property: Description("True for what came from outside, false for what the flow decided.")] bool Outside,
    [property: Description("What happened, in words.")] string Text)
{
    [Description("The activity it is about.")]
    public string? NodeId { get; init; }

    [Description("Name of that activity.")]
    public string? Activity { get; init; }

    [Description("The execution that began.")]
    public StartedExecution? Started { get; init; }

    [Description("The execution that ended.")]
    public EndedExecution? Ended { get; init; }

    [Description("The variables it changed, with their new values.")]
    public JsonObject? Changed { get; init; }

    [Description("The callback or web request it sent.")]
    public SentRequest? Sent { get; init; }

    [Description("The answer to a callback or web request it brought.")]
    public ReceivedAnswer? Answer { get; init; }

    [Description("Everything the journal holds of it.")]
    public JsonNode? Data { get; init; }
}

/// <summary>An activity that began.</summary>
internal sealed record StartedExecution(
    [property: Description("Number of the execution.")] long Execution,
    [property: Description("Type of the activity.")] string Type)
{
    [Description("The execution that it is part of.")]
    public long? Parent { get; init; }

    [Description("Its inputs; sensitive ones are masked.")]
    public JsonObject? Inputs { get; init; }
}

/// <summary>An activity that ended.</summary>
internal sealed record EndedExecution(
    [property: Description("Number of the execution.")] long Execution,
    [property: Description("completed, failed or cancelled.")] string Status)
{
    [Description("The port by which it was left.")]
    public string? Outcome { get; init; }
}

/// <summary>A callback, or a request of HTTP call.</summary>
internal sealed record SentRequest(
    [property: Description("Id of the delivery, or of the effect; the answer names it too.")] string Id,
    [property: Description("on_incoming, status, on_done, fallback, or http_call.")] string Kind)
{
    [Description("Where it went.")]
    public string? Url { get; init; }

    [Description("What was sent; absent when the body is sensitive.")]
    public string? Body { get; init; }

    [Description("True when the bodies are not shown.")]
    public bool? Sensitive { get; init; }

    [Description("Every attempt to deliver it, oldest first.")]
    public IReadOnlyList<SentAttempt>? Attempts { get; init; }
}

/// <summary>One attempt at a callback.</summary>
internal sealed record SentAttempt([property: Description("When it began.")] string At)
{
    [Description("HTTP status; absent when there was no answer.")]
    public int? Status { get; init; }

    [Description("Why there was no acceptable answer.")]
    public string? Error { get; init; }

    [Description("The first 16 KiB of the answer; absent when the delivery is sensitive.")]
    public string? ResponseBody { get; init; }
}

/// <summary>What came back.</summary>
internal sealed record ReceivedAnswer([property: Description("Id of what it answers.")] string Id)
{
    [Description("The answer as the flow was given it.")]
    public JsonNode? Body { get; init; }
}

/// <summary>Events of an instance from some entry on.</summary>
internal sealed record InstanceStepsObject(
    [property: Description("The events, in order.")] IReadOnlyList<InstanceStep> Steps,
    [property: Description("Give this as after to read on; absent when there is no more yet.")] long? Next,
    [property: Description("Sequence of the last entry there is.")] long Last,
    [property: Description("running, waiting, finished, cancelled or faulted, at present.")] string Status);
