using System.Text.Json;
using System.Text.Json.Nodes;
using Sift.Web.Workflows;
using Sift.Workflows.Activities;

namespace Sift.Web.Studio.Descriptors;

/// <summary>The palette: every activity type with its inputs, editors and ports (contract 6.1). Asked for after each save, so made once.</summary>
internal sealed class ActivityDescriptorAnswer
{
    private static readonly InputDescriptor Breakpoint =
        new(Breakpoints.InputName, "Boolean", "Breakpoint", "Holds test runs before this activity; calls pass it.", "checkbox");

    private readonly byte[] json;

    public ActivityDescriptorAnswer(ActivityCatalog catalog)
    {
        var items = new JsonArray([.. catalog.Descriptors.OrderBy(descriptor => descriptor.DisplayName, StringComparer.Ordinal).Select(descriptor => (JsonNode)Describe(descriptor))]);
        json = StudioJson.ToUtf8(new JsonObject { ["items"] = items, ["count"] = items.Count });
    }

    public ReadOnlyMemory<byte> Json => json;

    private static JsonObject Describe(ActivityDescriptor descriptor)
    {
        var construction = new JsonObject();
        foreach (var input in descriptor.Inputs)
        {
            // A default is only shown unless every newly dropped activity gets it as its value.
            if (input.DefaultValue is { } value && Default(value) is { } parsed && parsed is not (JsonObject or JsonArray))
            {
                construction[input.Name] = new JsonObject
                {
                    ["typeName"] = input.TypeName,
                    ["expression"] = new JsonObject { ["type"] = "Literal", ["value"] = Literal(parsed) },
                    ["memoryReference"] = null,
                };
            }
        }

        return new JsonObject
        {
            ["typeName"] = descriptor.TypeName,
            ["namespace"] = descriptor.TypeName.Split('.')[0],
            ["name"] = descriptor.TypeName.Split('.')[^1],
            ["version"] = descriptor.Version,
            ["category"] = descriptor.Category,
            ["displayName"] = descriptor.DisplayName,
            ["description"] = descriptor.Description,
            ["kind"] = "Action",
            ["isBrowsable"] = descriptor.IsBrowsable,
            ["isContainer"] = descriptor.IsContainer,
            ["isStart"] = descriptor.IsStart,
            ["isTerminal"] = descriptor.IsTerminal,
            ["inputs"] = new JsonArray([.. InputsOf(descriptor).Select((input, order) => (JsonNode)Input(input, order, descriptor))]),
            ["outputs"] = new JsonArray([.. descriptor.Outputs.Select((output, order) => (JsonNode)Output(output, order))]),
            ["ports"] = new JsonArray([.. descriptor.Outcomes.Select(outcome => (JsonNode)new JsonObject
            {
                ["name"] = outcome,
                ["displayName"] = outcome,
                ["type"] = "Flow",
                ["isBrowsable"] = true,
            })]),
            ["customProperties"] = new JsonObject(),
            ["constructionProperties"] = construction,
        };
    }

    private static IEnumerable<InputDescriptor> InputsOf(ActivityDescriptor descriptor)
    {
        var inputs = descriptor.Inputs.OrderBy(Rank);
        return descriptor is { IsBrowsable: true, IsContainer: false } ? inputs.Append(Breakpoint) : inputs;
    }

    private static JsonObject Input(InputDescriptor input, int order, ActivityDescriptor descriptor) => new()
    {
        ["name"] = input.Name,
        ["typeName"] = input.TypeName,
        ["displayName"] = input.DisplayName,
        ["description"] = input.Description,
        ["order"] = order,
        ["isBrowsable"] = true,
        ["isWrapped"] = true,
        ["isSynthetic"] = false,
        ["uiHint"] = input.UiHint,
        ["category"] = null,
        ["defaultValue"] = input.DefaultValue is { } value ? Default(value) : null,
        ["defaultSyntax"] = input.UiHint is "dynamic-outcomes" or "multitext" or "json-editor" ? "Object" : "Literal",
        ["isReadOnly"] = false,
        ["isSensitive"] = input.IsSensitive,
        ["storageDriverType"] = null,
        ["uiSpecifications"] = Specifications(input, descriptor),
    };

    // What a person fills in first comes first: what must be there, what makes the ports, what is spoken.
    private static int Rank(InputDescriptor input) => input switch
    {
        { IsRequired: true } => 0,
        { UiHint: "dynamic-outcomes" } => 1,
        { UiHint: "multiline" } => 2,
        _ => 3,
    };

    private static JsonObject Output(OutputDescriptor output, int order) => new()
    {
        ["name"] = output.Name,
        ["typeName"] = output.TypeName,
        ["displayName"] = output.DisplayName,
        ["description"] = output.Description,
        ["order"] = order,
        ["isBrowsable"] = true,
        ["isSynthetic"] = false,
    };

    private static JsonObject? Specifications(InputDescriptor input, ActivityDescriptor descriptor) => input.UiHint switch
    {
        "dropdown" => new JsonObject { ["dropdown"] = List("selectList", input.Options) },
        "radiolist" => new JsonObject { ["radiolist"] = List("radioList", input.Options) },
        "dynamic-outcomes" => new JsonObject
        {
            ["DynamicOutcomesOptions"] = new JsonObject { ["fixedOutcomes"] = new JsonArray([.. descriptor.Outcomes.Select(outcome => (JsonNode)outcome)]) },
        },
        _ => null,
    };

    private static JsonObject List(string name, IReadOnlyList<string> options) => new()
    {
        [name] = new JsonObject
        {
            ["items"] = new JsonArray([.. options.Select(option => (JsonNode)new JsonObject { ["text"] = option, ["value"] = option })]),
            ["isFlagsEnum"] = false,
        },
    };

    private static JsonNode? Default(string text)
    {
        try
        {
            return JsonNode.Parse(text);
        }
        catch (JsonException)
        {
            return text;
        }
    }

    // The editors keep every literal as text, and know a check box by these words.
    private static string Literal(JsonNode value) => value.GetValueKind() switch
    {
        JsonValueKind.True => "True",
        JsonValueKind.False => "False",
        JsonValueKind.String => value.GetValue<string>(),
        _ => value.ToJsonString(),
    };
}
