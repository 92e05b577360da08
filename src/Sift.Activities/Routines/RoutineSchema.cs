using System.Text.Json;
using System.Text.Json.Nodes;

namespace Sift.Activities.Routines;

/// <summary>The JSON schema of routines, generated from the commands; committed as <c>workflows/routine.schema.json</c>.</summary>
public static class RoutineSchema
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The schema as indented JSON text, ending with a line break.</summary>
    public static string Generate(CommandCatalog catalog)
    {
        var definitions = new JsonObject();
        foreach (var command in catalog.Commands)
        {
            definitions[command.Shape.Name] = Describe(command.Shape);
        }

        var schema = new JsonObject
        {
            ["$schema"] = "https://json-schema.org/draft/2020-12/schema",
            ["title"] = "Sift routine",
            ["description"] = "A list of commands, run one after another on a connection.",
            ["type"] = "array",
            ["maxItems"] = RoutineParser.MaxCommands,
            ["items"] = new JsonObject
            {
                ["oneOf"] = new JsonArray([.. catalog.Commands.Select(static command => (JsonNode)new JsonObject { ["$ref"] = "#/$defs/" + command.Shape.Name })]),
            },
            ["$defs"] = definitions,
        };
        return schema.ToJsonString(Indented).ReplaceLineEndings("\n") + "\n";
    }

    private static JsonObject Describe(CommandShape shape)
    {
        var properties = new JsonObject { ["name"] = new JsonObject { ["const"] = shape.Name } };
        var required = new JsonArray("name");
        foreach (var parameter in shape.Parameters)
        {
            properties[parameter.Name] = parameter.Schema();
            foreach (var alias in parameter.Aliases)
            {
                properties[alias] = new JsonObject { ["$ref"] = $"#/$defs/{shape.Name}/properties/{parameter.Name}" };
            }

            if (parameter.IsRequired)
            {
                required.Add(parameter.Name);
            }
        }

        return new JsonObject
        {
            ["description"] = shape.Description,
            ["type"] = "object",
            ["properties"] = properties,
            ["required"] = required,
            ["additionalProperties"] = false,
        };
    }
}
