using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Sift.Workflows.Expressions;

/// <summary>Values to the type an input declares. Designers save every literal as text; numbers are read invariantly.</summary>
internal static class ValueConversion
{
    public static bool TryConvert(JsonNode value, string typeName, out JsonNode? converted, [NotNullWhen(false)] out string? error)
    {
        error = null;
        converted = value;
        var kind = value.GetValueKind();
        var text = kind == JsonValueKind.String ? value.GetValue<string>() : null;
        switch (typeName)
        {
            case "Int32":
                if (TryInt(value, kind, text, out var whole)) return Set(out converted, JsonValue.Create(whole));
                error = $"'{Shown(value, text)}' is not a whole number";
                return false;
            case "Double":
                if (kind == JsonValueKind.Number) return true;
                if (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var real) && double.IsFinite(real))
                {
                    return Set(out converted, JsonValue.Create(real));
                }

                error = $"'{Shown(value, text)}' is not a number";
                return false;
            case "Boolean":
                if (kind is JsonValueKind.True or JsonValueKind.False) return true;
                if (bool.TryParse(text, out var flag)) return Set(out converted, JsonValue.Create(flag));
                error = $"'{Shown(value, text)}' is neither true nor false";
                return false;
            case "String":
                return kind == JsonValueKind.String || Set(out converted, JsonValue.Create(AsText(value)));
            default:
                return text is null || Set(out converted, ParseOrText(value, text));
        }
    }

    /// <summary>How a value reads inside a text.</summary>
    public static string AsText(JsonNode? value) => value?.GetValueKind() switch
    {
        null or JsonValueKind.Null => "",
        JsonValueKind.String => value.GetValue<string>(),
        JsonValueKind.True => "true",
        JsonValueKind.False => "false",
        _ => ToJson(value),
    };

    /// <summary>JSON for people and for bodies: <c>+</c> and <c>ü</c> stay as they are.</summary>
    public static string ToJson(JsonNode? value) => value?.ToJsonString(s_plain) ?? "null";

    public static bool TryNumber(JsonNode? value, out double number)
    {
        number = 0;
        return value?.GetValueKind() switch
        {
            JsonValueKind.Number => double.TryParse(value.ToJsonString(), NumberStyles.Float, CultureInfo.InvariantCulture, out number),
            JsonValueKind.String => double.TryParse(value.GetValue<string>(), NumberStyles.Float, CultureInfo.InvariantCulture, out number),
            _ => false,
        };
    }

    private static bool TryInt(JsonNode value, JsonValueKind kind, string? text, out int whole)
    {
        whole = 0;
        var digits = kind == JsonValueKind.Number ? value.ToJsonString() : text;
        if (int.TryParse(digits, NumberStyles.Integer, CultureInfo.InvariantCulture, out whole)) return true;

        // 5.0 is what arithmetic elsewhere makes of 5.
        if (!double.TryParse(digits, NumberStyles.Float, CultureInfo.InvariantCulture, out var real) || real != Math.Floor(real)) return false;
        if (real is < int.MinValue or > int.MaxValue) return false;
        whole = (int)real;
        return true;
    }

    private static JsonNode? ParseOrText(JsonNode value, string text)
    {
        // An Object typed in as text is JSON when it looks like JSON, otherwise just a text.
        var first = text.AsSpan().TrimStart();
        if (first.Length == 0 || (first[0] != '{' && first[0] != '[')) return value;
        try
        {
            return JsonNode.Parse(text);
        }
        catch (JsonException)
        {
            return value;
        }
    }

    private static bool Set(out JsonNode? converted, JsonNode? value)
    {
        converted = value;
        return true;
    }

    private static string Shown(JsonNode value, string? text)
    {
        var shown = text ?? value.ToJsonString();
        return shown.Length <= 40 ? shown : string.Concat(shown.AsSpan(0, 40), "…");
    }

    private static readonly JsonSerializerOptions s_plain = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
}
