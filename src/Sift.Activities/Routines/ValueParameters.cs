using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Sift.Workflows.Activities;

namespace Sift.Activities.Routines;

/// <summary>A parameter whose value is a number within bounds.</summary>
public sealed class NumberParameter : Parameter
{
    private readonly double _minimum;
    private readonly double _maximum;
    private readonly double? _default;

    internal NumberParameter(string name, string description, double minimum, double maximum, double? defaultValue = null)
        : base(name, description)
    {
        (_minimum, _maximum, _default) = (minimum, maximum, defaultValue);
        DefaultJson = defaultValue?.ToString(CultureInfo.InvariantCulture);
    }

    internal bool IsWhole { get; init; }

    /// <inheritdoc/>
    public override string? Check(JsonNode value)
    {
        if (value.GetValueKind() != JsonValueKind.Number || !TryRead(value, out var number))
        {
            return IsWhole ? "must be a whole number" : "must be a number";
        }

        return IsWhole && number != Math.Floor(number) ? "must be a whole number"
            : number < _minimum || number > _maximum ? string.Create(CultureInfo.InvariantCulture, $"must be from {_minimum} to {_maximum}")
            : null;
    }

    internal double? In(ActivityContext context) =>
        context.Input(InputName) is { } value && value.GetValueKind() == JsonValueKind.Number && TryRead(value, out var number) ? number : _default;

    internal TimeSpan? SecondsIn(ActivityContext context) => In(context) is { } seconds ? TimeSpan.FromSeconds(seconds) : null;

    internal override JsonObject Schema()
    {
        var schema = SchemaOf(IsWhole ? "integer" : "number");
        schema["minimum"] = _minimum;
        schema["maximum"] = _maximum;
        return schema;
    }

    internal override InputDescriptor Describe() => DescribeAs(IsWhole ? "Int32" : "Double", "singleline");

    private static bool TryRead(JsonNode value, out double number)
    {
        var scalar = value.AsValue();
        if (scalar.TryGetValue(out number))
        {
            return double.IsFinite(number);
        }

        // A number made in memory answers only to its own type.
        return double.TryParse(value.ToJsonString(), CultureInfo.InvariantCulture, out number) && double.IsFinite(number);
    }
}

/// <summary>A parameter that is true or false.</summary>
public sealed class FlagParameter : Parameter
{
    private readonly bool _default;

    internal FlagParameter(string name, string description, bool defaultValue)
        : base(name, description)
    {
        _default = defaultValue;
        DefaultJson = defaultValue ? "true" : "false";
    }

    /// <inheritdoc/>
    public override string? Check(JsonNode value) =>
        value.GetValueKind() is JsonValueKind.True or JsonValueKind.False ? null : "must be true or false";

    internal bool In(ActivityContext context) =>
        context.Input(InputName)?.GetValueKind() switch
        {
            JsonValueKind.True => true,
            JsonValueKind.False => false,
            _ => _default,
        };

    internal override JsonObject Schema() => SchemaOf("boolean");

    internal override InputDescriptor Describe() => DescribeAs("Boolean", "checkbox");
}

/// <summary>A parameter that is a list of strings.</summary>
public sealed class ListParameter : Parameter
{
    internal ListParameter(string name, string description)
        : base(name, description)
    {
    }

    internal int MaxCount { get; init; } = 50;

    /// <inheritdoc/>
    public override string? Check(JsonNode value) =>
        value is not JsonArray list || list.Any(static item => item?.GetValueKind() != JsonValueKind.String) ? "must be a list of strings"
        : list.Count > MaxCount ? $"must have at most {MaxCount} entries"
        : null;

    internal override JsonObject Schema()
    {
        var schema = SchemaOf("array");
        schema["items"] = new JsonObject { ["type"] = "string" };
        schema["maxItems"] = MaxCount;
        return schema;
    }

    internal override InputDescriptor Describe() => DescribeAs("Object", "multitext");
}
