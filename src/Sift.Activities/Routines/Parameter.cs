using System.Text.Json;
using System.Text.Json.Nodes;
using Sift.Workflows.Activities;

namespace Sift.Activities.Routines;

/// <summary>
/// One parameter of a command: its wire name, its meaning and what values it takes. Validation, the JSON schema and the designer's
/// input all come from it.
/// </summary>
public abstract class Parameter
{
    private protected Parameter(string name, string description)
    {
        Name = name;
        InputName = ToPascalCase(name);
        Description = description;
    }

    /// <summary>The wire name in a routine, for example <c>prompt_url</c>.</summary>
    public string Name { get; }

    /// <summary>The same parameter as an activity input, for example <c>PromptUrl</c>.</summary>
    public string InputName { get; }

    /// <summary>The property of the stored activity object, for example <c>promptUrl</c>.</summary>
    public string PropertyName => char.ToLowerInvariant(InputName[0]) + InputName[1..];

    /// <summary>What it does, one sentence for people.</summary>
    public string Description { get; }

    /// <summary>Whether a command without it is refused.</summary>
    public bool IsRequired { get; init; }

    /// <summary>Other wire names that are accepted for it.</summary>
    public IReadOnlyList<string> Aliases { get; init; } = [];

    /// <summary>The value of a command that leaves it out, as JSON text; null for none.</summary>
    public string? DefaultJson { get; private protected init; }

    /// <summary>Says what is wrong with a value; null when it is good.</summary>
    public abstract string? Check(JsonNode value);

    internal abstract JsonObject Schema();

    internal abstract InputDescriptor Describe();

    private protected JsonObject SchemaOf(string type)
    {
        var schema = new JsonObject { ["type"] = type, ["description"] = Description };
        if (DefaultJson is not null)
        {
            schema["default"] = JsonNode.Parse(DefaultJson);
        }

        return schema;
    }

    private protected InputDescriptor DescribeAs(string typeName, string uiHint) =>
        new(InputName, typeName, ToDisplayName(Name), Description, uiHint, DefaultJson) { IsRequired = IsRequired };

    private static string ToPascalCase(string name) =>
        string.Concat(name.Split('_').Select(static word => char.ToUpperInvariant(word[0]) + word[1..]));

    private static string ToDisplayName(string name) => char.ToUpperInvariant(name[0]) + name[1..].Replace('_', ' ');
}

/// <summary>A parameter whose value is text.</summary>
public class TextParameter : Parameter
{
    internal TextParameter(string name, string description, string? defaultValue = null)
        : base(name, description) => DefaultJson = defaultValue is null ? null : $"\"{defaultValue}\"";

    internal int MaxLength { get; init; } = 1000;

    internal string UiHint { get; init; } = "singleline";

    /// <inheritdoc/>
    public sealed override string? Check(JsonNode value)
    {
        if (value.GetValueKind() != JsonValueKind.String)
        {
            return "must be a string";
        }

        var text = value.GetValue<string>();
        return text.Length == 0 ? "must not be empty"
            : text.Length > MaxLength ? $"must be at most {MaxLength} characters"
            : CheckText(text);
    }

    internal string? In(ActivityContext context) =>
        context.Input(InputName) is { } value && value.GetValueKind() == JsonValueKind.String ? value.GetValue<string>()
        : DefaultJson?.Trim('"');

    internal override JsonObject Schema()
    {
        var schema = SchemaOf("string");
        schema["minLength"] = 1;
        schema["maxLength"] = MaxLength;
        Refine(schema);
        return schema;
    }

    internal override InputDescriptor Describe() => DescribeAs("String", UiHint);

    private protected virtual string? CheckText(string text) => null;

    private protected virtual void Refine(JsonObject schema)
    {
    }
}

/// <summary>An absolute http or https URL.</summary>
public sealed class UrlParameter : TextParameter
{
    internal UrlParameter(string name, string description)
        : base(name, description) => MaxLength = 2048;

    private protected override string? CheckText(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is "http" or "https" && url.UserInfo.Length == 0
            ? null
            : "must be an absolute http or https URL without credentials";

    private protected override void Refine(JsonObject schema) => schema["format"] = "uri";
}

/// <summary>Text of a fixed form.</summary>
public sealed class PatternParameter : TextParameter
{
    private readonly System.Text.RegularExpressions.Regex _pattern;
    private readonly string _problem;

    internal PatternParameter(string name, string description, System.Text.RegularExpressions.Regex pattern, string problem)
        : base(name, description)
    {
        _pattern = pattern;
        _problem = problem;
    }

    private protected override string? CheckText(string text) => _pattern.IsMatch(text) ? null : _problem;

    private protected override void Refine(JsonObject schema) => schema["pattern"] = _pattern.ToString();
}

/// <summary>One of a few words.</summary>
public sealed class ChoiceParameter : TextParameter
{
    private readonly string[] _choices;

    internal ChoiceParameter(string name, string description, string defaultValue, params string[] choices)
        : base(name, description, defaultValue) => _choices = choices;

    internal override InputDescriptor Describe() => DescribeAs("String", "dropdown") with { Options = _choices };

    private protected override string? CheckText(string text) =>
        _choices.Contains(text, StringComparer.Ordinal) ? null : $"must be one of {string.Join(", ", _choices)}";

    private protected override void Refine(JsonObject schema) =>
        schema["enum"] = new JsonArray([.. _choices.Select(static choice => (JsonNode)choice)]);
}
