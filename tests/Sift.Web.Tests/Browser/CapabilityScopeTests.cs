using System.Text.Json;
using System.Text.Json.Nodes;
using Sift.Web.Browser;

namespace Sift.Web.Tests.Browser;

public sealed class CapabilityScopeTests
{
    [Theory]
    [InlineData("scope:client:incoming?clientName=alice", "alice")]
    [InlineData("scope:client:incoming?x=1&clientName=alice%20b", "alice b")]
    [InlineData("scope:client:incoming?clientName=alice+b", "alice b")]
    [InlineData("scope:client:incoming?clientName=J%C3%B8rgen", "Jørgen")]
    [InlineData("scope:client:incoming?clientName=Jørgen", "Jørgen")]
    [InlineData("scope:client:incoming?clientName=100%", "100%")]
    [InlineData("scope:client:incoming?clientName=a scope:client:incoming?clientName=b", "a")]
    [InlineData("scope:client:incoming?clientName=", null)]
    [InlineData("scope:client:incoming?clientName=%20alice", null)]
    [InlineData("scope:client:incoming?clientName=a%0Ab", null)]
    [InlineData("scope:client:incoming", null)]
    [InlineData("scope:client:incoming?client_name=alice", null)]
    [InlineData("SCOPE:CLIENT:INCOMING?clientName=alice", null)]
    [InlineData("scope:client:outgoing?appSid=1&clientName=alice", null)]
    public void The_incoming_permission_names_the_client(string scope, string? name) => Assert.Equal(name, Read(scope).ClientName);

    [Theory]
    [InlineData("scope:client:outgoing?appSid=a1", "a1", "webrtc:anonymous")]
    [InlineData("scope:client:outgoing?app_id=a1", "a1", "webrtc:anonymous")]
    [InlineData("scope:client:outgoing?clientName=bob&appSid=a1", "a1", "webrtc:bob")]
    [InlineData("scope:client:outgoing?appSid=a1&clientName=bob scope:client:incoming?clientName=alice", "a1", "webrtc:alice")]
    [InlineData("scope:client:outgoing?appSid=", null, "webrtc:anonymous")]
    [InlineData("scope:client:outgoing", null, "webrtc:anonymous")]
    public void The_outgoing_permission_names_the_application(string scope, string? application, string endpoint)
    {
        var capability = Read(scope);

        Assert.Equal((application, endpoint), (capability.Outgoing?.ApplicationId, capability.Endpoint));
    }

    [Fact]
    public void Parameters_of_the_token_are_a_query_string_within_a_query_string()
    {
        var capability = Read("scope:client:outgoing?appParams=tier%3Dgold%26note%3Da%252Bb%2520c%2Bd&appSid=a1");

        Assert.Equal("""{"tier":"gold","note":"a\u002Bb c d"}""", capability.Outgoing!.Parameters!.ToJsonString());
    }

    [Theory]
    [InlineData(null, null, null)]
    [InlineData("""{"a":1}""", null, """{"a":1}""")]
    [InlineData("\"text\"", null, "\"text\"")]
    [InlineData("null", null, "null")]
    [InlineData(null, "{}", """{"params":{}}""")]
    [InlineData("""{"a":1,"params":"forged"}""", """{"tier":"gold"}""", """{"a":1,"params":{"tier":"gold"}}""")]
    [InlineData("\"text\"", """{"tier":"gold"}""", """{"data":"text","params":{"tier":"gold"}}""")]
    [InlineData("null", """{"tier":"gold"}""", """{"params":{"tier":"gold"}}""")]
    public void Client_data_carries_what_the_page_and_the_token_pass_on(string? data, string? parameters, string? expected)
    {
        var element = data is null ? default : JsonDocument.Parse(data).RootElement;

        Assert.Equal(expected, ClientData.Merge(element, parameters is null ? null : JsonNode.Parse(parameters)!.AsObject()));
    }

    [Fact]
    public void Scopes_of_random_characters_never_throw()
    {
        var random = new Random(7);
        const string Alphabet = "scope:client?=&+%20 %\ud83d\ude00incoming\u0000outappSid";
        for (var i = 0; i < 5_000; i++)
        {
            var text = new string([.. Enumerable.Range(0, random.Next(80)).Select(_ => Alphabet[random.Next(Alphabet.Length)])]);
            _ = Read("scope:client:outgoing?appSid=1&appParams=" + text + " scope:client:incoming?clientName=" + text);
        }
    }

    private static Capability Read(string scope) => CapabilityScope.Apply(new Capability("account", default, "secret"), scope);
}
