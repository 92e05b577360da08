using System.Text.Json.Nodes;
using Sift.Workflows.Activities;
using Sift.Workflows.Expressions;

namespace Sift.Workflows.Tests.Expressions;

public sealed class TemplateTests
{
    [Theory]
    [InlineData("Hello {{ connection.from }}!", "\"Hello +15550100200!\"")]
    [InlineData("{{ input.count }}", "3")]
    [InlineData("{{ last.digits }}", "\"12\"")]
    [InlineData("{{ outputs.GetDigits1.Digits | spell }}", "\"1 2\"")]
    [InlineData("{{ variables.Choice | upper }}", "\"SALES\"")]
    [InlineData("{{ Choice | default: \"none\" }}", "\"sales\"")]
    [InlineData("{{ missing | default: 'none' }}", "\"none\"")]
    [InlineData("{{ missing.deeper.still }}", "null")]
    [InlineData("a{{ missing }}b", "\"ab\"")]
    [InlineData("{{ list[1] }}", "\"two\"")]
    [InlineData("{{ list | size }}", "2")]
    [InlineData("{{ list | join: '-' }}", "\"one-two\"")]
    [InlineData("{{ list | last }}", "\"two\"")]
    [InlineData("{{ connection | json }}", "\"{\\\"from\\\":\\\"+15550100200\\\"}\"")]
    [InlineData("{{ Choice | replace: 'al', '' }}", "\"ses\"")]
    [InlineData("{{ last.digits == \"12\" }}", "true")]
    [InlineData("{{ last.digits == 12 and input.count > 2 }}", "true")]
    [InlineData("{{ not (input.count >= 3) or Choice contains 'zzz' }}", "false")]
    [InlineData("{{ list contains 'two' }}", "true")]
    [InlineData("{{ '}}' }}", "\"}}\"")]
    public void Fills_in(string text, string expected)
    {
        Assert.True(Template.TryParse(text, out var template, out var error), error);
        Assert.Equal(expected, ValueConversion.ToJson(template.Evaluate(new Values())));
    }

    [Theory]
    [InlineData("{{ open", "never closed")]
    [InlineData("{{ }}", "a value is missing")]
    [InlineData("{{ a | shout }}", "there is no function 'shout'")]
    [InlineData("{{ a | default }}", "takes 1 argument")]
    [InlineData("{{ a b }}", "'b' was not expected")]
    [InlineData("{{ a. }}", "a name is missing")]
    [InlineData("{{ (a }}", "')' is missing")]
    [InlineData("{{ 'a }}", "never closed")]
    public void Says_what_is_wrong(string text, string problem)
    {
        Assert.False(Template.TryParse(text, out _, out var error));
        Assert.Contains(problem, error);
    }

    [Fact]
    public void Deep_nesting_is_refused_and_does_not_overflow_the_stack() =>
        Assert.False(Template.TryParse("{{ " + new string('(', 100_000) + "a }}", out _, out _));

    [Fact]
    public void Every_function_is_documented()
    {
        var page = File.ReadAllText(Path.Combine(Root(), "docs", "workflows.md"));
        Assert.All(TemplateFunctions.Names, name => Assert.Contains($"| `{name}`", page));
    }

    [Theory]
    [InlineData("Int32", "Literal", "5", "5")]
    [InlineData("Int32", "Literal", "5.0", "5")]
    [InlineData("Double", "Literal", "2.5", "2.5")]
    [InlineData("Boolean", "Literal", "True", "true")]
    [InlineData("String", "Literal", "{{ no template }}", "\"{{ no template }}\"")]
    [InlineData("Object", "Object", "[\"1\",\"2\"]", "[\"1\",\"2\"]")]
    [InlineData("Object", "Object", "{\"a\":{\"type\":\"Template\",\"value\":\"{{ Choice }}\"}}", "{\"a\":\"sales\"}")]
    [InlineData("String", "Variable", "{\"id\":\"v1\",\"name\":\"Choice\"}", "\"sales\"")]
    [InlineData("String", "Variable", "Choice", "\"sales\"")]
    [InlineData("Int32", "Input", "count", "3")]
    [InlineData("String", "Template", "{{ input.count }}", "\"3\"")]
    public void Inputs_come_in_the_type_they_declare(string typeName, string kind, string value, string expected)
    {
        var expression = InputExpression.Compile(Flows.Wrapped(kind, value), new InputDescriptor("X", typeName, "X", null, ""));

        Assert.Null(expression.Error);
        Assert.Equal(expected, expression.Evaluate(new Values())?.ToJsonString());
    }

    [Theory]
    [InlineData("Int32", "Literal", "five", "'five' is not a whole number")]
    [InlineData("Int32", "Literal", "2.5", "'2.5' is not a whole number")]
    [InlineData("Boolean", "Literal", "maybe", "neither true nor false")]
    [InlineData("Object", "Object", "{", "not JSON")]
    [InlineData("String", "JavaScript", "1+1", "kind 'JavaScript' cannot be run")]
    public void A_value_that_does_not_fit_names_the_input(string typeName, string kind, string value, string problem)
    {
        var expression = InputExpression.Compile(Flows.Wrapped(kind, value), new InputDescriptor("Seconds", typeName, "X", null, ""));

        var error = Assert.Throws<InputException>(() => expression.Evaluate(new Values()));
        Assert.Contains("'Seconds'", error.Message);
        Assert.Contains(problem, error.Message);
    }

    private static string Root()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder!.FullName, "Sift.sln"))) folder = folder.Parent;
        return folder.FullName;
    }

    private sealed class Values : IValueScope
    {
        private readonly Dictionary<string, JsonNode?> _variables = new()
        {
            ["connection"] = new JsonObject { ["from"] = "+15550100200" },
            ["Choice"] = "sales",
            ["list"] = new JsonArray("one", "two"),
        };

        public JsonObject Input { get; } = new() { ["count"] = 3 };

        public JsonObject? Last { get; } = new() { ["Digits"] = "12" };

        public bool TryVariable(string name, out JsonNode? value) => _variables.TryGetValue(name, out value);

        public JsonObject? OutputsOf(string activity) => activity == "GetDigits1" ? Last : null;
    }
}
