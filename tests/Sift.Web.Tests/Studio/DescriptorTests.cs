using System.Text.Json.Nodes;
using Sift.Web.Tests.Testing;

namespace Sift.Web.Tests.Studio;

[Collection(SiftServerCollection.Name)]
public sealed class DescriptorTests(SiftServer server)
{
    private static readonly string[] Reserved =
        ["Id", "NodeId", "Name", "Type", "Version", "Metadata", "CustomProperties", "Activities", "Connections", "Variables", "Root"];

    private static readonly string[] KnownHints =
    [
        "singleline", "multiline", "checkbox", "dropdown", "radiolist", "checklist", "multitext", "dictionary", "code-editor", "json-editor", "datetime-picker",
        "variable-picker", "input-picker", "output-picker", "workflow-definition-picker", "dynamic-outcomes", "expression-editor",
    ];

    private readonly StudioClient studio = new(server.Client);

    [Fact]
    public async Task Every_activity_keeps_the_rules_that_the_designer_does_not_check()
    {
        var items = (await studio.GetAsync("descriptors/activities?Refresh=True"))["items"]!.AsArray();

        Assert.Equal(items.Count, items.Select(item => ((string)item!["typeName"]!, (int)item["version"]!)).Distinct().Count());
        Assert.Equal(items.Count, items.Select(item => (string)item!["displayName"]!).Distinct().Count());
        foreach (var item in items)
        {
            var inputs = item!["inputs"]!.AsArray();
            var names = inputs.Concat(item["outputs"]!.AsArray()).Select(member => (string)member!["name"]!).ToList();
            Assert.Empty(names.Intersect(Reserved, StringComparer.OrdinalIgnoreCase));
            Assert.Equal(names.Count, names.Distinct(StringComparer.OrdinalIgnoreCase).Count());
            Assert.All(inputs, input => Assert.Contains((string)input!["uiHint"]!, KnownHints));
            Assert.All(inputs, input => Assert.True((bool)input!["isBrowsable"]! && (bool)input["isWrapped"]!));
        }
    }

    [Fact]
    public async Task Defaults_are_written_into_new_activities_as_texts()
    {
        var digits = await ActivityAsync("Sift.GetDigits");

        Assert.Equal("10", (string)digits["constructionProperties"]!["TimeoutSeconds"]!["expression"]!["value"]!);
        Assert.Equal("True", (string)digits["constructionProperties"]!["BargeIn"]!["expression"]!["value"]!);
    }

    [Fact]
    public async Task Keys_become_ports_beside_the_fixed_ones()
    {
        var keys = (await ActivityAsync("Sift.GetDigits"))["inputs"]!.AsArray().Single(input => (string?)input!["name"] == "Keys")!;

        Assert.Equal("dynamic-outcomes", (string)keys["uiHint"]!);
        Assert.Equal(["Digits", "Timeout", "Other"], keys["uiSpecifications"]!["DynamicOutcomesOptions"]!["fixedOutcomes"]!.AsArray().Select(outcome => (string)outcome!));
    }

    [Fact]
    public async Task The_root_and_vanished_activities_have_descriptors_but_no_place_in_the_palette()
    {
        Assert.False((bool)(await ActivityAsync("Elsa.Flowchart"))["isBrowsable"]!);
        Assert.False((bool)(await ActivityAsync("Elsa.NotFoundActivity"))["isBrowsable"]!);
    }

    [Fact]
    public async Task Only_expressions_that_run_are_offered()
    {
        var items = (await studio.GetAsync("descriptors/expression-descriptors"))["items"]!.AsArray();

        Assert.Equal(["Literal", "Object", "Variable", "Input", "Template"], items.Select(item => (string)item!["type"]!));
        Assert.Equal(["Variable", "Input", "Template"], items.Where(item => (bool)item!["isBrowsable"]!).Select(item => (string)item!["type"]!));
        Assert.All(items, item => Assert.IsType<JsonObject>(item!["properties"]));
    }

    [Theory]
    [InlineData("descriptors/workflow-activation-strategies", 1)]
    [InlineData("descriptors/incident-strategies", 1)]
    [InlineData("descriptors/log-persistence-strategies", 1)]
    [InlineData("descriptors/commit-strategies/workflows", 0)]
    [InlineData("descriptors/commit-strategies/activities", 0)]
    [InlineData("descriptors/storage-drivers", 1)]
    [InlineData("descriptors/variables", 5)]
    [InlineData("descriptors/output-converters", 0)]
    public async Task Small_descriptors_are_lists_in_an_envelope(string path, int count)
    {
        var answer = await studio.GetAsync(path);

        Assert.Equal(count, answer["items"]!.AsArray().Count);
        Assert.Equal(count, (int)answer["count"]!);
    }

    [Fact]
    public async Task Live_updates_are_the_only_feature_announced()
    {
        var items = (await studio.GetAsync("features/installed"))["items"]!.AsArray();

        Assert.Equal("Elsa.RealTimeWorkflowUpdates", (string)items.Single()!["fullName"]!);
    }

    [Fact]
    public async Task Type_declarations_for_the_script_editor_are_empty()
    {
        var response = await studio.SendAsync("scripting/javascript/type-definitions/any");

        Assert.True(response.IsSuccessStatusCode);
        Assert.Equal("", await response.Content.ReadAsStringAsync());
    }

    private async Task<JsonObject> ActivityAsync(string type) =>
        (await studio.GetAsync("descriptors/activities"))["items"]!.AsArray().Single(item => (string?)item!["typeName"] == type)!.AsObject();
}
