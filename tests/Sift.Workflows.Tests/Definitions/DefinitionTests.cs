using System.Text.Json.Nodes;
using Sift.Testing;
using Sift.Workflows.Activities;
using Sift.Workflows.Definitions;

namespace Sift.Workflows.Tests.Definitions;

public sealed class DefinitionTests
{
    private readonly InMemoryDefinitionStore _store = new();
    private readonly DefinitionLibrary _library;

    public DefinitionTests() => _library = new DefinitionLibrary(_store, new DefinitionValidator(Bench.Catalog), new VirtualTime());

    [Fact]
    public void What_studio_saves_comes_back_equal_with_members_nobody_knows()
    {
        var model = (JsonObject)JsonNode.Parse(File.ReadAllText("Definitions/Fixtures/studio-publish-request.json"))!["model"]!.DeepClone();
        model["root"]!["activities"]![0]!["futureMember"] = new JsonArray(1, null, "x");

        var definition = WorkflowDefinition.Parse(model);

        Assert.True(JsonNode.DeepEquals(model, JsonNode.Parse(definition.ToUtf8())));
    }

    [Fact]
    public void Node_ids_are_filled_in_and_a_new_root_gets_its_lists()
    {
        var definition = WorkflowDefinition.Parse("""{"root":{"id":"f","type":"Elsa.Flowchart","activities":[{"id":"a","type":"X"}]}}"""u8);
        var empty = WorkflowDefinition.Parse("""{"root":{"id":"f","type":"Elsa.Flowchart"}}"""u8);

        Assert.Equal("f:a", (string?)definition.Json["root"]!["activities"]![0]!["nodeId"]);
        Assert.Empty(empty.Json["root"]!["activities"]!.AsArray());
        Assert.Empty(empty.Json["root"]!["connections"]!.AsArray());
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("{\"root\":{}}")]
    [InlineData("{\"root\"")]
    public void What_is_no_definition_is_refused(string text) =>
        Assert.Throws<DefinitionFormatException>(() => WorkflowDefinition.Parse(System.Text.Encoding.UTF8.GetBytes(text)));

    [Fact]
    public async Task A_draft_is_overwritten_and_a_published_version_never()
    {
        var first = await _library.SaveAsync(Model("one"), publish: false, default);
        var second = await _library.SaveAsync(Model("two"), publish: true, default);
        Assert.Equal((first.Id, 1, true), (second.Id, second.Version, second.IsPublished));

        var third = await _library.SaveAsync(Model("three"), publish: false, default);
        Assert.Equal((2, true, false), (third.Version, third.IsLatest, third.IsPublished));
        Assert.Equal("two", Message((await _store.FindPublishedAsync("flow", default))!));
        Assert.False((await _store.FindVersionAsync(second.Id, default))!.IsLatest);

        await _library.PublishAsync("flow", default);
        Assert.Single(await _store.VersionsAsync("flow", default), version => version.IsPublished);
        Assert.Equal("three", Message((await _store.FindPublishedAsync("flow", default))!));
    }

    [Fact]
    public async Task A_retracted_version_still_is_not_overwritten()
    {
        var published = await _library.SaveAsync(Model("one"), publish: true, default);
        await _library.RetractAsync("flow", default);

        var draft = await _library.SaveAsync(Model("two"), publish: false, default);

        Assert.Equal(2, draft.Version);
        Assert.Equal("one", Message((await _store.FindVersionAsync(published.Id, default))!));
    }

    [Fact]
    public async Task Reverting_makes_a_new_draft_of_the_old_content()
    {
        await _library.SaveAsync(Model("one"), publish: true, default);
        await _library.SaveAsync(Model("two"), publish: true, default);

        var reverted = await _library.RevertAsync("flow", 1, default);

        Assert.Equal((3, "one", false), (reverted!.Version, Message(reverted), reverted.IsPublished));
        Assert.Null(await _library.RevertAsync("flow", 9, default));
    }

    [Fact]
    public async Task An_invalid_draft_is_kept_and_cannot_be_published()
    {
        var model = Model("x");
        model["root"]!["activities"]!.AsArray().Add(new JsonObject { ["id"] = "bad", ["name"] = "Bad1", ["type"] = "Sift.Nothing" });
        await _library.SaveAsync(model, publish: false, default);

        var error = await Assert.ThrowsAsync<DefinitionInvalidException>(() => _library.PublishAsync("flow", default));

        Assert.Contains("Bad1", error.Message);
        Assert.Null(await _store.FindPublishedAsync("flow", default));
    }

    [Fact]
    public void Validation_names_every_activity_that_is_wrong()
    {
        var flow = Flows.Flowchart(
            [
                Flows.Activity("Sift.Start", "start"), Flows.Activity("Test.Probe", "no-signal"), Flows.Activity("Sift.Delay", "late", ("Seconds", "soon")),
                Flows.Activity("Sift.Nothing", "unknown"), Flows.Activity("Sift.Log", "island", ("Message", Flows.Template("{{ x | shout }}"))),
            ],
            ["start > no-signal", "start > late", "start > unknown", "start > gone", "start.Nowhere > late"]);

        var problems = new DefinitionValidator(Bench.Catalog).Validate(flow);

        Assert.Contains(problems, problem => problem is { ActivityId: "no-signal", IsWarning: false } && problem.Message.Contains("'Signal' is required"));
        Assert.Contains(problems, problem => problem is { ActivityId: "late", IsWarning: false } && problem.Message.Contains("'soon' is not a number"));
        Assert.Contains(problems, problem => problem is { ActivityId: "unknown", IsWarning: false } && problem.Message.Contains("Sift.Nothing"));
        Assert.Contains(problems, problem => problem is { ActivityId: "island", IsWarning: false } && problem.Message.Contains("shout"));
        Assert.Contains(problems, problem => problem is { ActivityId: "island", IsWarning: true } && problem.Message.Contains("never reached"));
        Assert.Contains(problems, problem => problem is { ActivityId: "gone", IsWarning: false });
        Assert.Contains(problems, problem => problem is { ActivityId: "start", IsWarning: true } && problem.Message.Contains("'Nowhere'"));
    }

    [Fact]
    public async Task Shipped_files_are_read_and_seeded_once()
    {
        var shipped = Assert.Single(await DefinitionFiles.ReadAsync("workflows", default), definition => definition.DefinitionId == "connection");
        var library = new DefinitionLibrary(_store, new DefinitionValidator(new ActivityCatalog([new Named("Sift.FetchRoutine"), new Named("Sift.RunRoutine")])), new VirtualTime());

        Assert.True(await library.SeedAsync(shipped, default));
        Assert.False(await library.SeedAsync(shipped, default));
        Assert.NotNull(await _store.FindPublishedAsync("connection", default));
    }

    private static JsonObject Model(string message) =>
        (JsonObject)Flows.Flowchart([Flows.Activity("Sift.Log", "l", ("Message", message))]).Json.DeepClone();

    private static string Message(WorkflowDefinition definition) => (string)definition.Json["root"]!["activities"]![0]!["message"]!["expression"]!["value"]!;

    private sealed class Named(string type) : IActivity
    {
        public ActivityDescriptor Descriptor { get; } = new(type, 1, "Test", type, "");

        public void Start(ActivityContext context) => context.Complete();
    }
}
