using System.Text.Json;
using System.Text.Json.Nodes;
using Sift.Workflows.Activities;

namespace Sift.Activities.Http;

/// <summary>
/// Calls a web service from a drawn flow and goes on with its answer. The request carries the effect's id as <c>Idempotency-Key</c>:
/// after a crash it may be sent a second time, with the same key.
/// </summary>
internal sealed class HttpCall : IActivity
{
    internal const string EffectType = "http.call";
    internal const string Signal = "http.answer";

    private const double DefaultSeconds = 10;
    private const double MaxSeconds = 60;

    public ActivityDescriptor Descriptor { get; } = new("Sift.HttpCall", 1, "Data", "HTTP call", "Calls a web service and goes on with its answer.")
    {
        Inputs =
        [
            new("Url", "String", "URL", "http or https; private networks are out of reach unless the server allows them.", "singleline") { IsRequired = true },
            new("Method", "String", "Method", null, "dropdown", "\"GET\"") { Options = ["GET", "POST", "PUT", "PATCH", "DELETE"] },
            new("Headers", "Object", "Headers", "JSON object of header names and values.", "json-editor") { IsSensitive = true },
            new("Body", "Object", "Body", "JSON or text to send.", "multiline"),
            new("Seconds", "Double", "Seconds", "How long to wait for the answer, at most 60.", "singleline", "10"),
        ],
        Outputs =
        [
            new("Status", "Int32", "Status", "The HTTP status; 0 when there was no answer."),
            new("Response", "Object", "Response", "The body of the answer: JSON when it is JSON, else text."),
            new("Problem", "String", "Problem", "Why there was no answer."),
        ],
        Outcomes = ["Success", "Failed"],
    };

    public void Start(ActivityContext context)
    {
        if (context.Input<string>("Url") is not { Length: > 0 } url)
        {
            context.Fault("Input 'Url' is missing");
            return;
        }

        var payload = new JsonObject
        {
            ["url"] = url,
            ["method"] = context.Input<string>("Method") is { Length: > 0 } method ? method : "GET",
            ["headers"] = context.Input("Headers"),
            ["body"] = context.Input("Body"),
            ["seconds"] = Math.Clamp(context.Input<double?>("Seconds") ?? DefaultSeconds, 0.1, MaxSeconds),
        };
        context.WaitFor(Signal, context.Request(new Effect(EffectType, payload, EffectGuarantee.Committed)).Value);
    }

    public void Resume(ActivityContext context, ActivitySignal signal)
    {
        var answer = signal.Payload;
        var status = answer.TryGetProperty("status", out var given) && given.TryGetInt32(out var code) ? code : 0;
        var outputs = new JsonObject { ["Status"] = status };
        if (answer.TryGetProperty("body", out var body) && body.ValueKind != JsonValueKind.Null)
        {
            outputs["Response"] = JsonSerializer.SerializeToNode(body);
        }

        if (answer.Text("problem") is { } problem)
        {
            outputs["Problem"] = problem;
            context.Log($"The call of {context.Input<string>("Url")} failed: {problem}");
        }

        context.Complete(status is >= 200 and <= 299 ? "Success" : "Failed", outputs);
    }
}
