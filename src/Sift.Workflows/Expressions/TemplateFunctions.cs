using System.Text.Json;
using System.Text.Json.Nodes;

namespace Sift.Workflows.Expressions;

/// <summary>The functions of templates. docs/workflows.md lists them; a test compares.</summary>
internal static class TemplateFunctions
{
    private delegate JsonNode? Function(JsonNode? subject, JsonNode?[] arguments);

    private static readonly Dictionary<string, (int Arguments, Function Run)> s_functions = new(StringComparer.Ordinal)
    {
        ["upper"] = (0, (subject, _) => Text(ValueConversion.AsText(subject).ToUpperInvariant())),
        ["lower"] = (0, (subject, _) => Text(ValueConversion.AsText(subject).ToLowerInvariant())),
        ["trim"] = (0, (subject, _) => Text(ValueConversion.AsText(subject).Trim())),
        ["default"] = (1, (subject, arguments) => ValueConversion.AsText(subject).Length == 0 ? arguments[0] : subject),
        ["json"] = (0, (subject, _) => Text(ValueConversion.ToJson(subject))),
        ["spell"] = (0, (subject, _) => Text(string.Join(' ', ValueConversion.AsText(subject).Where(c => !char.IsWhiteSpace(c))))),
        ["size"] = (0, (subject, _) => JsonValue.Create(Size(subject))),
        ["first"] = (0, (subject, _) => Element(subject, 0)),
        ["last"] = (0, (subject, _) => Element(subject, Size(subject) - 1)),
        ["join"] = (1, (subject, arguments) => Text(Join(subject, ValueConversion.AsText(arguments[0])))),
        ["replace"] = (2, (subject, arguments) => Text(Replace(ValueConversion.AsText(subject), arguments))),
        ["number"] = (0, (subject, _) => ValueConversion.TryNumber(subject, out var number)
            ? JsonValue.Create(number)
            : throw new TemplateException($"'{ValueConversion.AsText(subject)}' is not a number")),
    };

    public static IEnumerable<string> Names => s_functions.Keys;

    /// <summary>Why that call cannot be; null when it can.</summary>
    public static string? Problem(string name, int arguments) =>
        !s_functions.TryGetValue(name, out var function) ? $"there is no function '{name}'"
        : function.Arguments != arguments ? $"'{name}' takes {function.Arguments} argument(s), not {arguments}"
        : null;

    public static JsonNode? Call(string name, JsonNode? subject, JsonNode?[] arguments) => s_functions[name].Run(subject, arguments);

    private static JsonValue Text(string text) => JsonValue.Create(text);

    private static int Size(JsonNode? subject) => subject switch
    {
        JsonArray items => items.Count,
        JsonObject members => members.Count,
        _ => ValueConversion.AsText(subject).Length,
    };

    private static JsonNode? Element(JsonNode? subject, int index)
    {
        if (index < 0) return null;
        if (subject is JsonArray items) return index < items.Count ? items[index] : null;
        return subject?.GetValueKind() == JsonValueKind.String && subject.GetValue<string>() is var text && index < text.Length
            ? Text(text[index].ToString())
            : null;
    }

    private static string Join(JsonNode? subject, string separator) => subject is JsonArray items
        ? string.Join(separator, items.Select(ValueConversion.AsText))
        : ValueConversion.AsText(subject);

    private static string Replace(string text, JsonNode?[] arguments)
    {
        var old = ValueConversion.AsText(arguments[0]);
        return old.Length == 0 ? text : text.Replace(old, ValueConversion.AsText(arguments[1]), StringComparison.Ordinal);
    }
}
