using System.Text;
using System.Text.Json;
using Sift.Activities.Routines;
using Sift.Activities.Tests.Fixtures;

namespace Sift.Activities.Tests.Routines;

public sealed class RoutineParserTests
{
    private const string Bytes = "\"\\{}[]:,0-9aenu \u0001";

    private static readonly RoutineParser Parser = new(CommandCatalog.Instance);

    [Theory]
    [InlineData("""[{"name":"HangUp"}]""")]
    [InlineData("""{"routine":[{"name":"HangUp"}]}""")]
    [InlineData("""{"routine":[{"name":"HangUp"}],"comment":"kept by many frameworks"}""")]
    public void Takes_a_bare_list_and_an_object_alike(string json) => Assert.Single(Parser.Parse(json).Commands);

    [Fact]
    public void Lists_every_error_of_every_command_with_its_path()
    {
        var result = Parser.Parse("""{"routine":[{"name":"Say"},{"name":"Play","sound_url":7},{"name":"say","text":"x"},5,{"text":"x"}]}""");

        Assert.Equal(
            ["$.routine[0].text is required", "$.routine[1].sound_url must be a string", "$.routine[2].name say is not a command", "$.routine[3] must be an object with name", "$.routine[4].name must be the name of a command"],
            result.Errors.Select(static error => error.ToString()));
        Assert.Empty(result.Commands);
    }

    [Fact]
    public void Commands_of_the_reference_that_cannot_run_here_are_refused_by_name()
    {
        foreach (var name in RoutineParser.UnavailableCommands)
        {
            Assert.Equal($"$[0].name {name} is not available on this server", Parser.Parse($$"""[{"name":"{{name}}"}]""").Errors.Single().ToString());
        }
    }

    [Fact]
    public void Null_means_not_given() =>
        Assert.Equal(["text"], Parser.Parse("""[{"name":"Say","text":"x","voice":null,"on_done":null}]""").Commands.Single().Arguments.Keys);

    [Fact]
    public void A_required_parameter_that_is_null_is_missing() =>
        Assert.Equal("$[0].text is required", Parser.Parse("""[{"name":"Say","text":null}]""").Errors.Single().ToString());

    [Fact]
    public void The_guide_names_of_conversation_parameters_are_aliases()
    {
        var arguments = Parser.Parse("""[{"name":"CallPhone","phone_number":"+15550100200","on_event":"https://a.example","live_transcription":true,"live_talk_time":true}]""").Commands.Single().Arguments;

        Assert.Equal(["event_callback", "live_talk_times", "live_transcripts", "phone_number"], arguments.Keys.Order());
    }

    [Theory]
    [InlineData("", "$ is not valid JSON")]
    [InlineData("{", "$ is not valid JSON")]
    [InlineData("7", "$ must be a list of commands")]
    [InlineData("{}", "$ must be a list of commands, or an object with routine")]
    [InlineData("""{"routine":{"name":"HangUp"}}""", "$.routine must be a list of commands")]
    [InlineData("""[{"name":"Say","text":"\ud800"}]""", "$ holds text that is not valid Unicode")]
    public void What_is_no_list_is_refused(string json, string error) => Assert.StartsWith(error, Parser.Parse(json).Errors.Single().ToString());

    [Fact]
    public void Limits_are_exact()
    {
        Assert.True(Parser.Parse(Repeated(RoutineParser.MaxCommands)).IsValid);
        Assert.False(Parser.Parse(Repeated(RoutineParser.MaxCommands + 1)).IsValid);
        Assert.False(Parser.Parse(new string('[', RoutineParser.MaxDepth + 1) + new string(']', RoutineParser.MaxDepth + 1)).IsValid);
        Assert.False(Parser.Parse(new string(' ', RoutineParser.MaxSize + 1)).IsValid);

        static string Repeated(int count) => "[" + string.Join(',', Enumerable.Repeat("""{"name":"HangUp"}""", count)) + "]";
    }

    [Fact]
    public void Whatever_comes_is_either_refused_with_errors_or_taken_and_never_throws()
    {
        var random = new Random(20161212);
        var seeds = new[] { """[{"name":"Say","text":"Hello \u00e9","loop":true}]""", """{"routine":[{"name":"GetDigits","count":3,"finish_on_key":"#"},{"name":"CallPhone","phone_number":"+15550100200","processors":["a"]}]}""" };
        for (var i = 0; i < 20_000; i++)
        {
            var bytes = Encoding.UTF8.GetBytes(seeds[i % seeds.Length]);
            for (var changes = random.Next(1, 4); changes > 0; changes--)
            {
                bytes[random.Next(bytes.Length)] = (byte)Bytes[random.Next(Bytes.Length)];
            }

            var result = Parser.Parse(Encoding.UTF8.GetString(bytes.AsSpan(0, random.Next(1, bytes.Length + 1))));
            Assert.True(result.IsValid ? result.Errors.Count == 0 : result.Commands.Count == 0 && result.Errors.All(static error => error.Path.StartsWith('$')));
        }
    }

    [Fact]
    public void What_was_taken_is_taken_again_when_written_back()
    {
        var first = Parser.Parse("""[{"name":"CallPhone","phone_number":"+15550100200","on_event":"https://a.example"},{"name":"Say","text":"x"}]""");
        var written = JsonSerializer.Serialize(first.Commands.Select(static command => command.Arguments.ToDictionary(static pair => pair.Key, static pair => (object)pair.Value).Append(new("name", command.Command.Shape.Name)).ToDictionary()));

        var second = Parser.Parse(written);

        Assert.True(second.IsValid);
        Assert.Equal(first.Commands.Select(static command => command.Arguments.Count), second.Commands.Select(static command => command.Arguments.Count));
    }
}
