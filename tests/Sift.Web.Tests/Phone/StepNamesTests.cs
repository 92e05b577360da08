using System.Text.Json.Nodes;
using Sift.Web.Phone;
using Sift.Workflows.Journal;

namespace Sift.Web.Tests.Phone;

public sealed class StepNamesTests
{
    [Fact]
    public void A_journal_is_told_as_a_person_would()
    {
        JournalEvent[] journal =
        [
            new InstanceStarted("connection", "connection-v1", 1, new JsonObject { ["connection"] = new JsonObject { ["from"] = "+15550100200", ["to"] = "+15554443333" } }, null, null, null),
            new ActivityStarted(null, null, "flow", null, null),
            new ActivityStarted(2, null, "flow:fetch", null, null),
            new SignalReceived("leg.answered", null, null, null, null),
            new ActivityStarted(2, "0", "flow:run:Say1", new JsonObject { ["type"] = "Sift.Say", ["text"] = new JsonObject { ["expression"] = new JsonObject { ["type"] = "Value", ["value"] = "Hello." } } }, null),
            new ActivityCompleted(5, "Done", null),
            new ActivityStarted(2, "1", "flow:run:CallPhone2", new JsonObject { ["type"] = "Sift.CallPhone" }, null),
            new SignalReceived("callee", "x", new JsonObject { ["event"] = "ended", ["failure"] = "busy" }, null, null),
            new ActivityCompleted(7, "Busy", null),
            new SignalReceived("leg.digit", null, new JsonObject { ["digit"] = "5" }, null, null),
            new VariableSet("x", 1),
            new ActivityFaulted(7, "it broke", null),
            new InstanceFinished("Finished", "hung up"),
        ];
        var names = new StepNames();

        var told = JournalEncoding.Encode("i", 1, DateTimeOffset.UnixEpoch, journal).Select(entry => names.Describe(entry)).OfType<PhoneStep>().ToList();

        Assert.Equal(
            [
                "event: Call from +15550100200 to +15554443333", "callback: The application is asked what to do", "event: Answered", "command: Say: Hello.",
                "command: CallPhone", "event: Other side ended: busy", "event: CallPhone: Busy", "event: Key 5", "problem: it broke", "end: Ended: hung up",
            ],
            told.Select(step => $"{step.Kind}: {step.Text}"));
        Assert.Equal([1, 3, 4, 5, 7, 8, 9, 10, 12, 13], told.Select(step => step.Sequence));
    }
}
