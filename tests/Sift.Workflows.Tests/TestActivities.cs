using System.Text.Json.Nodes;
using Sift.Workflows.Activities;
using Sift.Workflows.Definitions;
using Sift.Workflows.Engine;

namespace Sift.Workflows.Tests;

/// <summary>Waits for the signal it is told, with a local effect while it waits.</summary>
internal sealed class Probe : IActivity
{
    public ActivityDescriptor Descriptor { get; } = new("Test.Probe", 1, "Test", "Probe", "Waits.")
    {
        Inputs =
        [
            new InputDescriptor("Signal", "String", "Signal", null, "singleline") { IsRequired = true },
            new InputDescriptor("Key", "String", "Key", null, "singleline"),
            new InputDescriptor("Times", "Int32", "Times", null, "singleline", "1"),
        ],
        Outputs = [new OutputDescriptor("Payload", "Object", "Payload", null)],
        Outcomes = ["Done", "Other"],
    };

    public void Start(ActivityContext context)
    {
        context.Request(new Effect("test.local", new JsonObject { ["start"] = context.Node.Id, ["id"] = context.NewId() }, EffectGuarantee.Local));
        context.WaitFor(context.Input<string>("Signal")!, context.Input<string>("Key"));
    }

    public void Resume(ActivityContext context, ActivitySignal signal)
    {
        var seen = (context.State?.GetValue<int>() ?? 0) + 1;
        if (seen < context.Input<int>("Times"))
        {
            context.State = seen;
            return;
        }

        var payload = signal.Payload.ValueKind == System.Text.Json.JsonValueKind.Undefined ? null : JsonNode.Parse(signal.Payload.GetRawText());
        var outcome = payload is JsonObject members && members["outcome"] is { } named ? named.GetValue<string>() : "Done";
        context.Complete(outcome, new JsonObject { ["Payload"] = payload });
    }

    public void Cancel(ActivityContext context) =>
        context.Request(new Effect("test.local", new JsonObject { ["stop"] = context.Node.Id }, EffectGuarantee.Local));
}

/// <summary>Runs the nodes of its input as children, one after another, made at run time.</summary>
internal sealed class Routine : IActivity
{
    public ActivityDescriptor Descriptor { get; } = new("Test.Routine", 1, "Test", "Routine", "Runs commands.")
    {
        Inputs = [new InputDescriptor("Commands", "Object", "Commands", null, "json-editor")],
        IsContainer = true,
    };

    public void Start(ActivityContext context) => Run(context, 0);

    public void ChildCompleted(ActivityContext context, ChildCompletion child) => Run(context, int.Parse(child.Slot!) + 1);

    private static void Run(ActivityContext context, int index)
    {
        var commands = context.Input<JsonArray>("Commands")!;
        if (index == commands.Count)
        {
            context.Complete();
            return;
        }

        var command = commands[index]!.AsObject();
        var inputs = (JsonObject)command["inputs"]!.DeepClone();
        context.Schedule(ActivityNode.Create($"c{index}", context.Node.NodeId, command["type"]!.GetValue<string>(), inputs), index.ToString());
    }
}

/// <summary>Asks for one effect of each guarantee and waits for the answer to the committed one.</summary>
internal sealed class ThreeEffects : IActivity
{
    public ActivityDescriptor Descriptor { get; } = new("Test.Effects", 1, "Test", "Effects", "Asks for effects.");

    public void Start(ActivityContext context)
    {
        context.Request(new Effect("test.local", new JsonObject { ["n"] = 1 }, EffectGuarantee.Local));
        context.Request(new Effect("test.once", new JsonObject { ["n"] = 2 }, EffectGuarantee.AtMostOnce));
        var id = context.Request(new Effect("test.committed", new JsonObject { ["n"] = 3 }, EffectGuarantee.Committed));
        context.WaitFor("answer", id.Value);
    }

    public void Resume(ActivityContext context, ActivitySignal signal) => context.Complete();

    public void Cancel(ActivityContext context) => context.Request(new Effect("test.local", new JsonObject { ["n"] = 4 }, EffectGuarantee.Local));
}

internal sealed class Throwing : IActivity
{
    public ActivityDescriptor Descriptor { get; } = new("Test.Throw", 1, "Test", "Throw", "Has a bug.");

    public void Start(ActivityContext context) => throw new InvalidOperationException("a bug");
}

/// <summary>Schedules itself for ever.</summary>
internal sealed class Loop : IActivity
{
    public ActivityDescriptor Descriptor { get; } = new("Test.Loop", 1, "Test", "Loop", "Never waits.");

    public void Start(ActivityContext context) => context.Schedule(ActivityNode.Create("again", context.Node.NodeId, "Test.Once", []));

    public void ChildCompleted(ActivityContext context, ChildCompletion child) => Start(context);
}

/// <summary>Keeps what it was asked, and may answer.</summary>
internal sealed class RecordingHandler : IEffectHandler
{
    private readonly Lock _gate = new();
    private readonly List<(string Instance, EffectId Id, Effect Effect, EffectDelivery Delivery)> _seen = [];

    public IWorkflowRuntime? Runtime { get; set; }

    public Action<string, EffectId, Effect, EffectDelivery>? Answer { get; set; }

    public IReadOnlyList<string> EffectTypes => ["test.local", "test.committed", "test.once"];

    public IReadOnlyList<(string Instance, EffectId Id, Effect Effect, EffectDelivery Delivery)> Seen
    {
        get
        {
            lock (_gate) return [.. _seen];
        }
    }

    public void Execute(string instanceId, EffectId id, Effect effect, EffectDelivery delivery)
    {
        lock (_gate) _seen.Add((instanceId, id, effect, delivery));
        Answer?.Invoke(instanceId, id, effect, delivery);
    }
}
