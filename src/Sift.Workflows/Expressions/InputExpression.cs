using System.Text.Json;
using System.Text.Json.Nodes;
using Sift.Workflows.Activities;

namespace Sift.Workflows.Expressions;

/// <summary>
/// One input of one node, compiled: Literal, Variable, Input, Object or Template, and Value for children made at run time. What cannot be
/// compiled is kept as <see cref="Error"/>, for validation, and faults the activity when it starts.
/// </summary>
internal sealed class InputExpression
{
    private readonly InputDescriptor _descriptor;
    private readonly JsonNode? _constant;
    private readonly Func<IValueScope, JsonNode?>? _evaluate;

    private InputExpression(InputDescriptor descriptor, JsonNode? constant, Func<IValueScope, JsonNode?>? evaluate, string? error)
    {
        _descriptor = descriptor;
        _constant = constant;
        _evaluate = evaluate;
        Error = error;
    }

    public string? Error { get; }

    /// <summary>Nothing was entered and there is no default.</summary>
    public bool IsMissing { get; private init; }

    /// <summary>The variable the expression names, for validation; null for other kinds.</summary>
    public string? VariableName { get; private init; }

    public bool IsConstant => _evaluate is null;

    public static InputExpression Compile(JsonNode? member, InputDescriptor descriptor)
    {
        // A picker with isWrapped=false and hand-written files leave out the wrapper; a bare value is then meant literally.
        if (member is null) return Default(descriptor);
        if (member is not JsonObject wrapper || wrapper["expression"] is not JsonObject expression)
        {
            return member is JsonObject bare && (bare.ContainsKey("expression") || bare.ContainsKey("memoryReference"))
                ? Default(descriptor)
                : Constant(descriptor, member);
        }

        var type = expression["type"] is JsonValue t && t.TryGetValue(out string? name) ? name : "Literal";
        var value = expression["value"];
        if (value is null || (type != "Value" && Text(value) is { Length: 0 })) return Default(descriptor);

        switch (type)
        {
            case "Literal":
                return Constant(descriptor, value);
            case "Value":
                return new InputExpression(descriptor, value, null, null);
            case "Object":
                return CompileObject(descriptor, value);
            case "Variable":
                return Named(descriptor, value, static (scope, name) => scope.TryVariable(name, out var found) ? found : null, isVariable: true);
            case "Input":
                return Named(descriptor, value, static (scope, name) => scope.Input[name], isVariable: false);
            case "Template":
                return CompileTemplate(descriptor, Text(value) ?? value.ToJsonString());
            default:
                return Failed(descriptor, $"expressions of kind '{type}' cannot be run");
        }
    }

    /// <exception cref="InputException">No usable value; the message names the input.</exception>
    public JsonNode? Evaluate(IValueScope scope)
    {
        if (Error is not null) throw new InputException($"Input '{_descriptor.Name}': {Error}.");
        if (_evaluate is null) return _constant;

        JsonNode? value;
        try
        {
            value = _evaluate(scope);
        }
        catch (TemplateException e)
        {
            throw new InputException($"Input '{_descriptor.Name}': {e.Message}.");
        }

        if (value is null) return null;
        if (!ValueConversion.TryConvert(value, _descriptor.TypeName, out var converted, out var error))
        {
            throw new InputException($"Input '{_descriptor.Name}': {error}.");
        }

        return converted;
    }

    private static InputExpression Default(InputDescriptor descriptor)
    {
        if (descriptor.DefaultValue is null) return new InputExpression(descriptor, null, null, null) { IsMissing = true };
        try
        {
            return new InputExpression(descriptor, JsonNode.Parse(descriptor.DefaultValue), null, null);
        }
        catch (JsonException)
        {
            // A default written without quotes: "Done" for "\"Done\"".
            return Constant(descriptor, JsonValue.Create(descriptor.DefaultValue));
        }
    }

    private static InputExpression Constant(InputDescriptor descriptor, JsonNode value) =>
        ValueConversion.TryConvert(value, descriptor.TypeName, out var converted, out var error)
            ? new InputExpression(descriptor, converted, null, null)
            : Failed(descriptor, error);

    private static InputExpression Failed(InputDescriptor descriptor, string error) => new(descriptor, null, null, error);

    private static InputExpression CompileTemplate(InputDescriptor descriptor, string text)
    {
        if (!Template.TryParse(text, out var template, out var error)) return Failed(descriptor, error);
        return template.IsConstant
            ? Constant(descriptor, JsonValue.Create(text))
            : new InputExpression(descriptor, null, template.Evaluate, null);
    }

    private static InputExpression CompileObject(InputDescriptor descriptor, JsonNode value)
    {
        var parsed = value;
        if (Text(value) is { } text)
        {
            try
            {
                parsed = JsonNode.Parse(text);
            }
            catch (JsonException e)
            {
                return Failed(descriptor, $"this is not JSON (line {e.LineNumber + 1}, position {e.BytePositionInLine + 1})");
            }
        }

        // The dictionary editor stores each member as an expression of its own: {"type","value"}.
        if (parsed is not JsonObject { Count: > 0 } members || !members.All(IsExpression)) return new InputExpression(descriptor, parsed, null, null);

        var compiled = new List<(string Name, InputExpression Expression)>();
        var any = new InputDescriptor("", "Object", "", null, "");
        foreach (var (name, member) in members)
        {
            var item = Compile(new JsonObject { ["expression"] = member!.DeepClone() }, any with { Name = $"{descriptor.Name}.{name}" });
            if (item.Error is not null) return Failed(descriptor, $"member '{name}': {item.Error}");
            compiled.Add((name, item));
        }

        JsonObject Build(IValueScope? scope)
        {
            var result = new JsonObject();
            foreach (var (name, item) in compiled) result[name] = item.Evaluate(scope!)?.DeepClone();
            return result;
        }

        return compiled.TrueForAll(item => item.Expression.IsConstant)
            ? new InputExpression(descriptor, Build(null), null, null)
            : new InputExpression(descriptor, null, Build, null);
    }

    private static bool IsExpression(KeyValuePair<string, JsonNode?> member) =>
        member.Value is JsonObject { Count: 2 } item && item.ContainsKey("type") && item.ContainsKey("value");

    private static InputExpression Named(InputDescriptor descriptor, JsonNode value, Func<IValueScope, string, JsonNode?> read, bool isVariable)
    {
        // The pickers store the definition of the variable or input as JSON text; files may give its name alone.
        var text = Text(value);
        JsonNode? picked = value;
        if (text is not null && text.TrimStart().StartsWith('{'))
        {
            try
            {
                picked = JsonNode.Parse(text);
            }
            catch (JsonException)
            {
                picked = value;
            }
        }

        var name = (picked as JsonObject)?["name"] is JsonValue n && n.TryGetValue(out string? found) ? found : text;
        if (string.IsNullOrEmpty(name)) return Failed(descriptor, "no name was picked");

        var captured = name;
        return new InputExpression(descriptor, null, scope => read(scope, captured), null) { VariableName = isVariable ? captured : null };
    }

    private static string? Text(JsonNode value) => value is JsonValue v && v.TryGetValue(out string? text) ? text : null;
}
