using System.Text.Json;
using System.Text.Json.Nodes;
using Sift.Workflows.Activities;
using Sift.Workflows.Definitions;
using Sift.Workflows.Expressions;
using Sift.Workflows.Journal;

namespace Sift.Workflows.Engine;

/// <summary>The context of one call of one activity. Calls after the execution ended are ignored.</summary>
internal sealed class StepContext(Step step, Execution execution) : ActivityContext
{
    public override string InstanceId => step.State.InstanceId;

    public override string? AccountId => step.State.AccountId;

    public override string ExecutionId => execution.Name;

    public override ActivityNode Node => execution.Node;

    public override DateTimeOffset Now => step.Now;

    public override int RunningChildren => execution.Children?.Count ?? 0;

    public override JsonNode? State
    {
        get => execution.State?.DeepClone();
        set
        {
            if (execution.IsLive) step.Emit(new ActivityStateSet(execution.Id, value?.DeepClone()));
        }
    }

    /// <summary>The engine's own composites look at their running children.</summary>
    internal IReadOnlyList<Execution> Children => (IReadOnlyList<Execution>?)execution.Children ?? [];

    internal ActivityCatalog Catalog => execution.Plan.Catalog;

    public override JsonNode? Input(string name) => Peek(name)?.DeepClone();

    public override T ReadInput<T>(string name, Func<JsonNode?, T> read) => read(Peek(name));

    public override T? Input<T>(string name)
        where T : default
    {
        if (Peek(name) is not { } value) return default;
        try
        {
            if (typeof(T) == typeof(string)) return (T)(object)ValueConversion.AsText(value);
            if (typeof(T) == typeof(int) || typeof(T) == typeof(int?)) return (T)(object)Converted(name, value, "Int32").GetValue<int>();
            if (typeof(T) == typeof(double) || typeof(T) == typeof(double?)) return (T)(object)AsDouble(name, value);
            if (typeof(T) == typeof(bool) || typeof(T) == typeof(bool?)) return (T)(object)Converted(name, value, "Boolean").GetValue<bool>();
            if (typeof(JsonNode).IsAssignableFrom(typeof(T)))
            {
                return value.DeepClone() is T node ? node : throw new InputException($"Input '{name}' is not a {typeof(T).Name}");
            }

            return value.Deserialize<T>();
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException)
        {
            throw new InputException($"Input '{name}' does not fit {typeof(T).Name}");
        }
    }

    public override JsonNode? Variable(string name) => step.State.TryVariable(name, out var value) ? value?.DeepClone() : null;

    public override T ReadVariable<T>(string name, Func<JsonNode?, T> read) => read(step.State.TryVariable(name, out var value) ? value : null);

    public override void SetVariable(string name, JsonNode? value)
    {
        if (!step.State.IsFinished) step.Emit(new VariableSet(name, value?.DeepClone()));
    }

    public override string NewId() => step.NewId();

    public override EffectId Request(Effect effect) => step.Request(execution, effect);

    public override void WaitFor(string signal, string? key = null)
    {
        if (!execution.IsLive || step.State.Bookmarks.Exists(mark => mark.Execution == execution && mark.Name == signal && mark.Key == key)) return;
        step.Emit(new BookmarkCreated(execution.Id, signal, key));
    }

    public override void StopWaiting(string signal, string? key = null)
    {
        if (step.State.Bookmarks.Exists(mark => mark.Execution == execution && mark.Name == signal && mark.Key == key))
        {
            step.Emit(new BookmarkRemoved(execution.Id, signal, key));
        }
    }

    public override void StartTimer(string key, TimeSpan dueIn)
    {
        if (!execution.IsLive) return;
        var wait = dueIn < TimeSpan.Zero ? TimeSpan.Zero : dueIn;
        var dueAt = DateTimeOffset.MaxValue - step.Now < wait ? DateTimeOffset.MaxValue : step.Now + wait;
        step.Emit(new TimerArmed(execution.Id, key, dueAt));
    }

    public override void StopTimer(string key)
    {
        if (step.State.Timers.Exists(timer => timer.Execution == execution && timer.Key == key)) step.Emit(new TimerStopped(execution.Id, key));
    }

    public override void Schedule(ActivityNode child, string? slot = null)
    {
        if (execution.IsLive) step.Schedule(execution, child, slot);
    }

    public override void CancelChildren() => step.CancelChildren(execution);

    public override void Complete(string outcome = "Done", JsonObject? outputs = null) =>
        step.Complete(execution, outcome, (JsonObject?)outputs?.DeepClone());

    public override void Fault(string message) => step.Fault(execution, message, null);

    public override void Finish(string reason) => step.Finish(execution, reason);

    public override void Log(string message, JsonNode? details = null)
    {
        if (!step.State.IsFinished) step.Emit(new MessageLogged(execution.Id, message, details?.DeepClone()));
    }

    public override void Attach(object row) => step.Attach(row);

    internal void Cancel(Execution child) => step.Cancel(child);

    private JsonNode? Peek(string name)
    {
        if (execution.Inputs is { } evaluated && evaluated.TryGetPropertyValue(name, out var value)) return value;
        foreach (var (descriptor, expression) in execution.Plan.Inputs)
        {
            if (descriptor.Name == name) return expression.IsConstant ? expression.Evaluate(step.State) : null;
        }

        return null;
    }

    private static double AsDouble(string name, JsonNode value) =>
        ValueConversion.TryNumber(value, out var number) ? number : throw new InputException($"Input '{name}' is not a number");

    private static JsonNode Converted(string name, JsonNode value, string typeName) =>
        ValueConversion.TryConvert(value, typeName, out var converted, out var error)
            ? converted!
            : throw new InputException($"Input '{name}': {error}");
}
