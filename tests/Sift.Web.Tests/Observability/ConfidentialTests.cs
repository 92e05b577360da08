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
    public void A_shown_journal_holds_what_was_entered_nowhere_not_even_in_a_variable_or_a_sentence()
    {
        var node = RecordedCall.GetDigits(true);
        JournalEvent[] events =
        [
            new ActivityStarted(null, "0", "root:GetDigits2", node, null),
            new SignalReceived("leg.digit", null, new JsonObject { ["digit"] = "4" }, null, null),
            new ActivityCompleted(1, "Digits", new JsonObject { ["Digits"] = "4711" }),
            new VariableSet("pin", "4711"),
            new EffectRequested(1, "leg.play", new JsonObject { ["text"] = "You entered 4711." }, Sift.Workflows.Activities.EffectGuarantee.Local),
        ];
        var journal = JournalEncoding.Encode("i", 1, RecordedCall.Began, events);

        var shown = Confidential.Shown(journal, null, out var isConfidential);

        Assert.True(isConfidential);
        Assert.All(shown, entry => Assert.DoesNotContain("4711", System.Text.Encoding.UTF8.GetString(entry.Data.Span), StringComparison.Ordinal));
        Assert.Equal(Confidential.Mask, Assert.IsType<VariableSet>(JournalEncoding.Decode(shown[3])).Value!.GetValue<string>());
    }

    [Fact]
    public void A_time_that_happens_to_hold_what_was_entered_stays_a_time()
    {
        var due = new DateTimeOffset(2026, 11, 22, 11, 47, 11, TimeSpan.Zero);
        JournalEvent[] events =
        [
            new ActivityStarted(null, "0", "root:GetDigits2", RecordedCall.GetDigits(true), null),
            new ActivityStateSet(1, new JsonObject { ["digits"] = "47" }),
            new TimerArmed(1, "quiet", due),
            new VariableSet("text", "47 it was"),
        ];

        var shown = Confidential.Shown(JournalEncoding.Encode("i", 1, RecordedCall.Began, events), null, out _);

        Assert.Equal(due, Assert.IsType<TimerArmed>(JournalEncoding.Decode(shown[2])).DueAt);
        Assert.Equal($"{Confidential.Mask} it was", Assert.IsType<VariableSet>(JournalEncoding.Decode(shown[3])).Value!.GetValue<string>());
    }

    [Fact]
    public void An_open_journal_is_shown_as_it_is()
    {
        var journal = JournalEncoding.Encode("i", 1, RecordedCall.Began, [new SignalReceived("leg.digit", null, new JsonObject { ["digit"] = "4" }, null, null)]);
        Assert.Same(journal, Confidential.Shown(journal, null, out _));
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
