using System.Text.Json;
using System.Text.Json.Nodes;

namespace Sift.Activities.Routines;

/// <summary>Reads routines: all errors at once, and a routine with any error is refused as a whole before anything runs.</summary>
public sealed class RoutineParser(CommandCatalog catalog)
{
    /// <summary>Commands in one routine.</summary>
    public const int MaxCommands = 200;

    /// <summary>Nesting of JSON, the list itself included.</summary>
    public const int MaxDepth = 16;

    /// <summary>UTF-8 bytes, or characters of a string, of one routine.</summary>
    public const int MaxSize = 1024 * 1024;

    private const int MaxErrors = 100;

    /// <summary>Commands of the reference that this server refuses with a reason.</summary>
    public static IReadOnlyList<string> UnavailableCommands { get; } =
        ["GetDate", "GetFreeResponse", "GetMultipleChoice", "GetName", "GetNumber", "GetYesOrNo", "JoinConference"];

    /// <summary>Reads JSON text: a bare list, or an object with <c>routine</c>.</summary>
    public RoutineResult Parse(string json)
    {
        if (json.Length > MaxSize)
        {
            return RoutineResult.Refused("$", $"must be at most {MaxSize} characters");
        }

        try
        {
            using var document = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = MaxDepth });
            return Parse(document.RootElement.Clone());
        }
        catch (JsonException problem)
        {
            return RoutineResult.Refused("$", $"is not valid JSON (line {problem.LineNumber + 1}, byte {problem.BytePositionInLine})");
        }
    }

    /// <summary>Reads a bare list, or an object with <c>routine</c>.</summary>
    public RoutineResult Parse(JsonElement json)
    {
        var path = "$";
        if (json.ValueKind == JsonValueKind.Object)
        {
            if (!json.TryGetProperty("routine", out var routine))
            {
                return RoutineResult.Refused(path, "must be a list of commands, or an object with routine");
            }

            (json, path) = (routine, "$.routine");
        }

        if (json.ValueKind != JsonValueKind.Array)
        {
            return RoutineResult.Refused(path, "must be a list of commands");
        }

        if (json.GetArrayLength() > MaxCommands)
        {
            return RoutineResult.Refused(path, $"must have at most {MaxCommands} commands");
        }

        try
        {
            return ParseCommands(json, path);
        }
        catch (InvalidOperationException)
        {
            // A name or string with a lone surrogate cannot be read as text (RFC 8259 8.2).
            return RoutineResult.Refused(path, "holds text that is not valid Unicode");
        }
    }

    /// <summary>Reads one command of a list that was read before; null when it has an error.</summary>
    public RoutineCommand? ParseCommand(JsonNode? command) => ParseCommand(JsonSerializer.SerializeToElement(command), "$", []);

    private RoutineResult ParseCommands(JsonElement json, string path)
    {
        var commands = new List<RoutineCommand>(json.GetArrayLength());
        var errors = new List<RoutineError>();
        var index = 0;
        foreach (var item in json.EnumerateArray())
        {
            if (ParseCommand(item, $"{path}[{index++}]", errors) is { } command)
            {
                commands.Add(command);
            }

            if (errors.Count >= MaxErrors)
            {
                break;
            }
        }

        return errors.Count == 0 ? new RoutineResult(commands, []) : new RoutineResult([], errors);
    }

    private RoutineCommand? ParseCommand(JsonElement json, string path, List<RoutineError> errors)
    {
        if (json.ValueKind != JsonValueKind.Object)
        {
            errors.Add(new RoutineError(path, "must be an object with name"));
            return null;
        }

        if (!json.TryGetProperty("name", out var name) || name.ValueKind != JsonValueKind.String)
        {
            errors.Add(new RoutineError($"{path}.name", "must be the name of a command"));
            return null;
        }

        if (catalog.Find(name.GetString()!) is not { } command)
        {
            errors.Add(new RoutineError($"{path}.name", Unknown(name.GetString()!)));
            return null;
        }

        return ParseArguments(json, command, path, errors);
    }

    private static RoutineCommand? ParseArguments(JsonElement json, ICommand command, string path, List<RoutineError> errors)
    {
        var before = errors.Count;
        var arguments = new Dictionary<string, JsonNode>(StringComparer.Ordinal);
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var property in json.EnumerateObject())
        {
            var parameter = property.NameEquals("name") ? null : command.Shape.Find(property.Name);
            if (!seen.Add(parameter?.Name ?? property.Name))
            {
                errors.Add(new RoutineError(Join(path, property.Name), "is given twice"));
            }
            else if (property.NameEquals("name") || (parameter is not null && property.Value.ValueKind == JsonValueKind.Null))
            {
                // A null is what many client libraries write for a parameter that is not set.
            }
            else if (parameter is null)
            {
                errors.Add(new RoutineError(Join(path, property.Name), $"is not a parameter of {command.Shape.Name}"));
            }
            else if (ToNode(property.Value) is var value && parameter.Check(value) is { } problem)
            {
                errors.Add(new RoutineError(Join(path, property.Name), problem));
            }
            else
            {
                arguments[parameter.Name] = value;
            }
        }

        foreach (var parameter in command.Shape.Parameters)
        {
            if (parameter.IsRequired && !arguments.ContainsKey(parameter.Name) && !WasReported(parameter))
            {
                errors.Add(new RoutineError(Join(path, parameter.Name), "is required"));
            }
        }

        return errors.Count == before ? new RoutineCommand(command, arguments) : null;

        bool WasReported(Parameter parameter) =>
            json.TryGetProperty(parameter.Name, out var given) && given.ValueKind != JsonValueKind.Null;
    }

    private static JsonNode ToNode(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => JsonObject.Create(value)!,
        JsonValueKind.Array => JsonArray.Create(value)!,
        JsonValueKind.String => JsonValue.Create(value.GetString())!,
        _ => JsonValue.Create(value)!,
    };

    private static string Unknown(string name) =>
        UnavailableCommands.Contains(name, StringComparer.Ordinal) ? $"{name} is not available on this server" : $"{Shorten(name)} is not a command";

    private static string Join(string path, string property) => $"{path}.{Shorten(property)}";

    private static string Shorten(string text) => text.Length <= 64 ? text : text[..64] + "…";
}

/// <summary>One command that was read and found good.</summary>
/// <param name="Arguments">By wire name; aliases are resolved, absent and null ones left out.</param>
public sealed record RoutineCommand(ICommand Command, IReadOnlyDictionary<string, JsonNode> Arguments);

/// <summary>One thing wrong with a routine.</summary>
/// <param name="Path">JSON path from the root of what was given, for example <c>$.routine[2].text</c>.</param>
/// <param name="Message">Completes the sentence that begins with the path.</param>
public sealed record RoutineError(string Path, string Message)
{
    /// <summary>For people: path and message.</summary>
    public override string ToString() => $"{Path} {Message}";
}

/// <summary>Either commands or errors.</summary>
/// <param name="Commands">In order; empty when there are errors (or the routine is empty).</param>
/// <param name="Errors">All of them; empty when the routine is good.</param>
public sealed record RoutineResult(IReadOnlyList<RoutineCommand> Commands, IReadOnlyList<RoutineError> Errors)
{
    /// <summary>Whether it may run.</summary>
    public bool IsValid => Errors.Count == 0;

    internal static RoutineResult Refused(string path, string message) => new([], [new RoutineError(path, message)]);
}
