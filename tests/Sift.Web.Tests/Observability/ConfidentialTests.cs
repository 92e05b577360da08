using System.Text.Json.Nodes;
using Sift.Web.Observability;
using Sift.Workflows.Journal;

namespace Sift.Web.Tests.Observability;

public sealed class ConfidentialTests
{
    [Theory]
    [InlineData("""{"type":"Literal","value":true}""", true)]
    [InlineData("""{"type":"Literal","value":false}""", false)]
    [InlineData("""{"type":"Literal","value":"True"}""", true)]
    [InlineData("""{"type":"Variable","value":{"name":"x"}}""", true)]
    [InlineData("""{"type":"Liquid","value":"{{ x }}"}""", true)]
    public void A_command_is_sensitive_when_it_says_so_or_when_only_its_run_could_tell(string expression, bool sensitive)
    {
        var node = new JsonObject { ["type"] = "Sift.GetDigits", ["sensitive"] = new JsonObject { ["expression"] = JsonNode.Parse(expression) } };
        Assert.Equal(sensitive, Confidential.Concerns([new ActivityStarted(null, null, "root", node, null)], null));
    }

    [Fact]
    public void Evaluated_inputs_count_too()
        => Assert.True(Confidential.Concerns([new ActivityStarted(null, null, "root", null, new JsonObject { ["Sensitive"] = true })], null));

    [Fact]
    public void Digits_are_masked_wherever_they_stand_and_nothing_else_is()
    {
        var masked = Confidential.Apply(JsonNode.Parse("""{"digit":"7","outputs":{"Digits":"4711","Count":4},"list":[{"digits":"1"}],"text":"7"}"""));
        Assert.Equal(JsonNode.Parse("""{"digit":"•••","outputs":{"Digits":"•••","Count":4},"list":[{"digits":"•••"}],"text":"7"}""")!.ToJsonString(), masked!.ToJsonString());
    }
}
