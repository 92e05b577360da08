using System.Text.Json.Nodes;
using Sift.Workflows.Activities;
using Sift.Workflows.Definitions;
using Sift.Workflows.Engine;
using Sift.Workflows.Journal;

namespace Sift.Workflows.Tests.Hosting;

public sealed class WorkflowRuntimeTests
{
    [Fact]
    public async Task Runs_a_flow_along_the_outcome_that_came()
    {
        await using var bench = new Bench().Connected();
        var flow = Flows.Flowchart(
            [Flows.Probe("ask", "digit"), Flows.Activity("Sift.Log", "one", ("Message", "one")), Flows.Activity("Sift.Log", "other", ("Message", "other"))],
            ["ask > one", "ask.Other > other"]);

        await bench.StartAsync(flow);
        await bench.SignalAsync("i1", "digit", payload: new JsonObject { ["outcome"] = "Other" });

        var logged = Assert.Single((await bench.EventsAsync()).OfType<MessageLogged>());
        Assert.Equal("other", logged.Message);
        Assert.Equal(("Finished", "Finished"), ((await bench.SummaryAsync()).Status, (await bench.SummaryAsync()).SubStatus));
        Assert.Equal(0, bench.Runtime.LiveCount);
    }

    [Fact]
    public async Task Runs_children_made_at_run_time_and_takes_them_up_again()
    {
        await using var bench = new Bench().Connected();
        var commands = new JsonArray
        {
            new JsonObject { ["type"] = "Sift.Log", ["inputs"] = new JsonObject { ["Message"] = "{{ not a template }}" } },
            new JsonObject { ["type"] = "Test.Probe", ["inputs"] = new JsonObject { ["Signal"] = "go", ["Times"] = 2 } },
            new JsonObject { ["type"] = "Sift.Log", ["inputs"] = new JsonObject { ["Message"] = "last" } },
        };
        await bench.StartAsync(Flows.Flowchart([Flows.Activity("Test.Routine", "run", ("Commands", Flows.Template("{{ input.commands }}")))]), new JsonObject { ["commands"] = commands });
        await bench.SignalAsync("i1", "go");

        await using var second = bench.AfterCrash().Connected();
        await second.Runtime.RecoverAsync(CancellationToken.None);
        await second.SignalAsync("i1", "go");

        var messages = (await second.EventsAsync()).OfType<MessageLogged>().Select(log => log.Message);
        Assert.Equal(["{{ not a template }}", "last"], messages);
        Assert.Equal("Finished", (await second.SummaryAsync()).SubStatus);
    }

    [Fact]
    public async Task A_committed_effect_waits_for_its_commit_and_an_at_most_once_effect_for_two()
    {
        await using var bench = new Bench().Connected();
        await bench.Definitions.SaveAsync([Flows.Sequence(Flows.Activity("Test.Effects", "e")).With(("isPublished", true)).AsFrozen()], default);
        bench.Journal.HoldCommits = true;
        var starting = bench.Runtime.StartAsync(new InstanceStart("i1", "flow", null, []), default).AsTask();

        await Eventually(() => bench.Effects.Seen.Count == 1 && bench.Journal.InFlight == 1);
        Assert.Equal("test.local", bench.Effects.Seen[0].Effect.Type);
        Assert.False(starting.IsCompleted);

        bench.Journal.Release();
        await starting;
        await Eventually(() => bench.Journal.InFlight == 1);
        Assert.Equal(["test.local"], bench.Effects.Seen.Select(seen => seen.Effect.Type));

        bench.Journal.Release();
        await Eventually(() => bench.Effects.Seen.Count == 3);
        Assert.Equal(["test.local", "test.once", "test.committed"], bench.Effects.Seen.Select(seen => seen.Effect.Type));
    }

    [Fact]
    public async Task An_at_most_once_effect_is_withdrawn_when_its_activity_is_cancelled_before_it_began()
    {
        await using var bench = new Bench().Connected();
        await bench.Definitions.SaveAsync([Flows.Sequence(Flows.Activity("Test.Effects", "e")).With(("isPublished", true)).AsFrozen()], default);
        bench.Journal.HoldCommits = true;
        var starting = bench.Runtime.StartAsync(new InstanceStart("i1", "flow", null, []), default).AsTask();
        await Eventually(() => bench.Journal.InFlight == 1);

        bench.Runtime.Signal("i1", new InstanceSignal("leg.ended", null, null) { FinishReason = "the caller hung up" });

        // Dropped at once, because the instance is over: what was posted before it has been handled.
        await bench.SignalAsync("i1", "anything");
        bench.Journal.HoldCommits = false;
        bench.Journal.Release();
        await starting;
        await Eventually(() => bench.Effects.Seen.Count == 3);

        Assert.DoesNotContain(bench.Effects.Seen, seen => seen.Effect.Type == "test.once");
    }

    [Fact]
    public async Task Replacing_cancels_what_runs_and_runs_one_activity_instead()
    {
        await using var bench = new Bench().Connected();
        await bench.StartAsync(Flows.Flowchart([Flows.Probe("a", "never"), Flows.Probe("b", "never")]));

        Assert.True(await bench.Runtime.ReplaceAsync("i1", "Test.Probe", new JsonObject { ["Signal"] = "go" }, default));

        Assert.Equal(["a", "b", "replaced"], bench.Effects.Seen.Select(seen => seen.Effect.Payload!["start"]?.GetValue<string>()).OfType<string>().Select(id => id.StartsWith("replaced") ? "replaced" : id));
        Assert.Equal(["b", "a"], bench.Effects.Seen.Select(seen => seen.Effect.Payload!["stop"]?.GetValue<string>()).OfType<string>());
        await bench.SignalAsync("i1", "go");
        Assert.Equal("Finished", (await bench.SummaryAsync()).SubStatus);
        Assert.False(await bench.Runtime.ReplaceAsync("i1", "Test.Probe", [], default));
    }

    [Fact]
    public async Task A_signal_resumes_every_bookmark_it_fits_in_the_order_they_were_made_and_is_kept_when_none_does()
    {
        await using var bench = new Bench().Connected();
        await bench.StartAsync(Flows.Flowchart([Flows.Probe("any", "x"), Flows.Probe("seven", "x", ("Key", "7")), Flows.Probe("eight", "x", ("Key", "8"))]));

        await bench.SignalAsync("i1", "y", "7");
        await bench.SignalAsync("i1", "x", "7");

        var events = await bench.EventsAsync();
        Assert.Equal(2, events.OfType<SignalReceived>().Count());
        Assert.Equal([null, "7"], events.OfType<BookmarkResumed>().Select(resumed => resumed.Key));
    }

    [Fact]
    public async Task A_signal_sets_its_variables_first_and_can_finish_the_instance()
    {
        await using var bench = new Bench().Connected();
        await bench.StartAsync(Flows.Flowchart(
            [Flows.Probe("wait", "ended"), Flows.Activity("Sift.Log", "say", ("Message", Flows.Template("{{ connection.status | upper }}"))), Flows.Probe("more", "never")],
            ["wait > say", "say > more"]));

        var row = new object();
        await bench.Runtime.SignalAsync(
            "i1",
            new InstanceSignal("ended", null, null)
            {
                Variables = new Dictionary<string, JsonNode?> { ["connection"] = new JsonObject { ["status"] = "finished" } },
                FinishReason = "the caller hung up",
                Attachments = [row],
            },
            default);

        var events = await bench.EventsAsync();
        Assert.Equal("FINISHED", events.OfType<MessageLogged>().Single().Message);
        Assert.Equal(new InstanceFinished("Finished", "the caller hung up"), events[^1]);
        Assert.Contains(row, bench.Journal.Attachments);
    }

    [Fact]
    public async Task A_thousand_delays_fire_once_each_after_a_restart()
    {
        await using var bench = new Bench().Connected();
        var flow = Flows.Sequence(Flows.Activity("Sift.Delay", "d", ("Seconds", "60")), Flows.Activity("Sift.Log", "l", ("Message", "fired")), Flows.Probe("p", "never"));
        for (var i = 0; i < 1_000; i++) await bench.StartAsync(flow, id: $"i{i}");

        await using var second = bench.AfterCrash().Connected();
        await second.Runtime.RecoverAsync(default);
        second.Time.Advance(TimeSpan.FromSeconds(59.999));
        await Drained(second, 1_000);
        Assert.Empty((await second.EventsAsync("i0")).OfType<TimerDue>());

        second.Time.Advance(TimeSpan.FromMilliseconds(1));
        second.Time.Advance(TimeSpan.FromMinutes(5));
        await Drained(second, 1_000);
        for (var i = 0; i < 1_000; i++) Assert.Single((await second.EventsAsync($"i{i}")).OfType<TimerDue>());
    }

    [Fact]
    public async Task A_timer_that_fell_due_while_the_process_was_down_fires_once()
    {
        await using var bench = new Bench().Connected();
        await bench.StartAsync(Flows.Sequence(Flows.Activity("Sift.Delay", "d", ("Seconds", "60"))));
        await using var second = bench.AfterCrash().Connected();
        second.Time.Advance(TimeSpan.FromHours(1));

        await second.Runtime.RecoverAsync(default);
        await Eventually(() => second.Runtime.LiveCount == 0);

        Assert.Single((await second.EventsAsync()).OfType<TimerDue>());
        Assert.Equal("Finished", (await second.SummaryAsync()).SubStatus);
    }

    [Fact]
    public async Task Ten_thousand_signals_resume_ten_thousand_instances_once_each()
    {
        await using var bench = new Bench().Connected();
        var flow = Flows.Sequence(Flows.Activity("Sift.WaitForEvent", "w", ("Event", "go")), Flows.Probe("p", "never"));
        for (var i = 0; i < 10_000; i++) await bench.StartAsync(flow, id: $"i{i}");

        await Parallel.ForAsync(0, 10_000, async (i, token) => await bench.Runtime.SignalAsync($"i{i}", new InstanceSignal("event.go", null, i), token));

        for (var i = 0; i < 10_000; i++) Assert.Single((await bench.EventsAsync($"i{i}")).OfType<BookmarkResumed>());
        Assert.Equal(10_000, bench.Runtime.LiveCount);
    }

    [Fact]
    public async Task A_copy_that_lost_its_journal_to_another_owner_does_nothing_more()
    {
        await using var bench = new Bench().Connected();
        await bench.StartAsync(Flows.Sequence(Flows.Probe("a", "go"), Flows.Activity("Test.Effects", "e")));
        var summary = await bench.SummaryAsync();
        var foreign = JournalEncoding.Encode("i1", summary.LastSequence + 1, bench.Time.GetUtcNow(), [new SignalReceived("x", null, null, null, null)]);
        await bench.Journal.AppendAsync(new JournalAppend("i1", foreign, summary with { LastSequence = summary.LastSequence + 1 }, []), default);

        await Assert.ThrowsAsync<JournalConflictException>(() => bench.SignalAsync("i1", "go"));

        Assert.Equal(0, bench.Runtime.LiveCount);
        Assert.DoesNotContain(bench.Effects.Seen, seen => seen.Effect.Guarantee != EffectGuarantee.Local);
    }

    [Fact]
    public async Task A_failing_handler_becomes_an_incident()
    {
        await using var bench = new Bench().Connected();
        bench.Effects.Answer = (_, _, effect, _) => throw new InvalidOperationException("no line");
        await bench.StartAsync(Flows.Sequence(Flows.Probe("a", "go")));
        await bench.SignalAsync("i1", "other");

        Assert.Equal(1, (await bench.SummaryAsync()).IncidentCount);
        Assert.Contains("no line", (await bench.EventsAsync()).OfType<IncidentRecorded>().Single().Message);
    }

    [Fact]
    public async Task A_faulted_instance_goes_on_from_the_failed_activity_when_retried()
    {
        await using var bench = new Bench().Connected();
        await bench.StartAsync(Flows.Flowchart(
            [Flows.Probe("a", "go"), Flows.Activity("Sift.Log", "l", ("Message", Flows.Template("{{ choice | number }}"))), Flows.Probe("b", "go")],
            ["a > l", "l > b"]));
        await bench.Runtime.SignalAsync("i1", new InstanceSignal("go", null, null) { Variables = new Dictionary<string, JsonNode?> { ["choice"] = "none" } }, default);
        Assert.Equal("Faulted", (await bench.SummaryAsync()).SubStatus);
        Assert.Contains("'Message'", (await bench.EventsAsync()).OfType<ActivityFaulted>().Single().Message);

        Assert.True(await bench.Runtime.RetryAsync("i1", default));
        Assert.Equal(2, (await bench.SummaryAsync()).IncidentCount);
        Assert.False(await bench.Runtime.CancelAsync("i1", "x", default));
    }

    [Fact]
    public async Task An_effect_of_a_finished_instance_is_repeated_after_a_crash_until_it_is_done()
    {
        await using var bench = new Bench().Connected();
        await bench.StartAsync(Flows.Sequence(Flows.Activity("Test.Effects", "e")));
        await bench.Runtime.CancelAsync("i1", "enough", default);
        Assert.True((await bench.SummaryAsync()).HasPendingEffects);

        await using var second = bench.AfterCrash().Connected();
        await second.Runtime.RecoverAsync(default);
        await Eventually(() => second.Effects.Seen.Any(seen => seen.Effect.Type == "test.committed"));
        var repeated = second.Effects.Seen.Single(seen => seen.Effect.Type == "test.committed");
        Assert.Equal(EffectDelivery.Repeated, repeated.Delivery);
        second.Runtime.CompleteEffect("i1", repeated.Id);
        await Eventually(() => second.Runtime.LiveCount == 0);

        await using var third = second.AfterCrash().Connected();
        await third.Runtime.RecoverAsync(default);
        Assert.Empty(third.Effects.Seen);
    }

    [Fact]
    public async Task An_unpublished_version_cannot_be_started()
    {
        await using var bench = new Bench().Connected();
        await bench.Definitions.SaveAsync([Flows.Sequence(Flows.Probe("a", "x"))], default);

        await Assert.ThrowsAsync<DefinitionNotFoundException>(() => bench.Runtime.StartAsync(new InstanceStart("i1", "flow", null, []), default).AsTask());
        await Assert.ThrowsAsync<DefinitionNotFoundException>(() => bench.Runtime.StartAsync(new InstanceStart("i1", "flow", "flow-v1", []), default).AsTask());
    }

    internal static async Task Eventually(Func<bool> condition)
    {
        var began = TimeProvider.System.GetTimestamp();
        while (!condition())
        {
            Assert.True(TimeProvider.System.GetElapsedTime(began) < TimeSpan.FromSeconds(20), "It did not come about.");
            await Task.Yield();
        }
    }

    /// <summary>A signal handled means that everything posted before it was.</summary>
    private static async Task Drained(Bench bench, int instances)
    {
        for (var i = 0; i < instances; i++) await bench.SignalAsync($"i{i}", "ping");
    }
}
