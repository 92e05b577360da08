using System.Text.Json;
using System.Text.Json.Nodes;

namespace Sift.Workflows.Expressions;

/// <summary>The inside of a hole.</summary>
internal abstract record TemplateExpression
{
    public abstract JsonNode? Evaluate(IValueScope scope);

    public static bool IsTrue(JsonNode? value) => value?.GetValueKind() switch
    {
        null or JsonValueKind.Null or JsonValueKind.False => false,
        JsonValueKind.String => value.GetValue<string>() is { Length: > 0 } text && !text.Equals("false", StringComparison.OrdinalIgnoreCase),
        JsonValueKind.Number => !ValueConversion.TryNumber(value, out var number) || number != 0,
        JsonValueKind.Array => ((JsonArray)value).Count > 0,
        _ => true,
    };
}

internal sealed record TemplateConstant(JsonNode? Value) : TemplateExpression
{
    public override JsonNode? Evaluate(IValueScope scope) => Value;
}

/// <summary><c>variables.x</c>, <c>input.x</c>, <c>last.x</c>, <c>outputs.Name.x</c>, <c>connection.x</c>, or a variable by its bare name.</summary>
internal sealed record TemplatePath(IReadOnlyList<string> Segments) : TemplateExpression
{
    public override JsonNode? Evaluate(IValueScope scope)
    {
        var (value, next) = Root(scope);
        for (; next < Segments.Count && value is not null; next++) value = Step(value, Segments[next]);
        return value;
    }

    private (JsonNode? Value, int Next) Root(IValueScope scope)
    {
        var first = Segments[0];
        if (Segments.Count > 1 && first == "variables") return (scope.TryVariable(Segments[1], out var named) ? named : null, 2);
        if (Segments.Count > 1 && first == "outputs") return (scope.OutputsOf(Segments[1]), 2);
        if (scope.TryVariable(first, out var value)) return (value, 1);
        return first switch
        {
            "input" => (scope.Input, 1),
            "last" => (scope.Last, 1),
            _ => (null, 1),
        };
    }

    private static JsonNode? Step(JsonNode value, string segment)
    {
        switch (value)
        {
            case JsonObject members:
                if (members.TryGetPropertyValue(segment, out var exact)) return exact;

                // Outputs are written as the descriptor spells them (Digits); people write last.digits.
                foreach (var (name, member) in members)
                {
                    if (name.Equals(segment, StringComparison.OrdinalIgnoreCase)) return member;
                }

                return null;
            case JsonArray items:
                return int.TryParse(segment, out var index) && index >= 0 && index < items.Count ? items[index] : null;
            default:
                return null;
        }
    }
}

internal sealed record TemplateCall(string Function, TemplateExpression Subject, IReadOnlyList<TemplateExpression> Arguments) : TemplateExpression
{
    public override JsonNode? Evaluate(IValueScope scope)
    {
        var arguments = new JsonNode?[Arguments.Count];
        for (var i = 0; i < arguments.Length; i++) arguments[i] = Arguments[i].Evaluate(scope);
        return TemplateFunctions.Call(Function, Subject.Evaluate(scope), arguments);
    }
}

internal sealed record TemplateNot(TemplateExpression Operand) : TemplateExpression
{
    public override JsonNode? Evaluate(IValueScope scope) => JsonValue.Create(!IsTrue(Operand.Evaluate(scope)));
}

/// <param name="Operator">One of and, or, ==, !=, &lt;, &lt;=, &gt;, &gt;=, contains.</param>
internal sealed record TemplateBinary(string Operator, TemplateExpression Left, TemplateExpression Right) : TemplateExpression
{
    public override JsonNode? Evaluate(IValueScope scope)
    {
        var left = Left.Evaluate(scope);
        switch (Operator)
        {
            case "and":
                return JsonValue.Create(IsTrue(left) && IsTrue(Right.Evaluate(scope)));
            case "or":
                return JsonValue.Create(IsTrue(left) || IsTrue(Right.Evaluate(scope)));
        }

        var right = Right.Evaluate(scope);
        return JsonValue.Create(Operator switch
        {
            "==" => AreEqual(left, right),
            "!=" => !AreEqual(left, right),
            "contains" => Contains(left, right),
            "<" => Compare(left, right) < 0,
            "<=" => Compare(left, right) <= 0,
            ">" => Compare(left, right) > 0,
            _ => Compare(left, right) >= 0,
        });
    }

    /// <summary>Two numbers, or a number and a text that reads as one, are compared as numbers; <c>"1" == 1</c>.</summary>
    public static bool AreEqual(JsonNode? left, JsonNode? right)
    {
        if (left is null || right is null) return left is null && right is null;
        var bothTexts = left.GetValueKind() == JsonValueKind.String && right.GetValueKind() == JsonValueKind.String;
        if (!bothTexts && ValueConversion.TryNumber(left, out var a) && ValueConversion.TryNumber(right, out var b)) return a == b;
        return left is JsonValue && right is JsonValue
            ? string.Equals(ValueConversion.AsText(left), ValueConversion.AsText(right), StringComparison.Ordinal)
            : JsonNode.DeepEquals(left, right);
    }

    private static int Compare(JsonNode? left, JsonNode? right) =>
        ValueConversion.TryNumber(left, out var a) && ValueConversion.TryNumber(right, out var b)
            ? a.CompareTo(b)
            : string.CompareOrdinal(ValueConversion.AsText(left), ValueConversion.AsText(right));

    private static bool Contains(JsonNode? left, JsonNode? right) => left is JsonArray items
        ? items.Any(item => AreEqual(item, right))
        : ValueConversion.AsText(left).Contains(ValueConversion.AsText(right), StringComparison.Ordinal);
}
