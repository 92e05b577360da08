using System.Text.Json.Nodes;
using Sift.Activities.Connections;
using Sift.Activities.Routines;
using Sift.Media.Legs;
using Sift.Testing.World;
using Sift.Workflows.Engine;

namespace Sift.Testing;

/// <summary>
/// One end of a call, with the person on it. Whatever this person does happens at the virtual time it is now; what waits lets time pass.
/// Disposing a call disposes its simulation: meant for tests with one call.
/// </summary>
public sealed class SimulatedCall : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    private readonly Simulation _simulation;
    private readonly string _id;
    private readonly string _number;
    private int _heardUpTo;

    internal SimulatedCall(Simulation simulation, SimulatedLeg leg)
        : this(simulation, leg.Id.Value, leg.Number)
    {
    }

    internal SimulatedCall(Simulation simulation, string id, string number) => (_simulation, _id, _number) = (simulation, id, number);

    /// <summary>The connection of the API; also the id of the instance that runs the call.</summary>
    public string ConnectionId => _id;

    /// <summary>The simulation it is part of.</summary>
    public Simulation Simulation => _simulation;

    /// <summary>True from the answer to the end.</summary>
    public bool IsUp => Leg?.Stage == LegStage.Up;

    /// <summary>True while the phone tells its person that the other end rings.</summary>
    public bool HearsRinging => Leg is { HearsRinging: true, Stage: LegStage.Ringing };

    /// <summary>True when the call is over.</summary>
    public bool IsOver => Leg?.Stage == LegStage.Ended || End is not null;

    /// <summary>How it ended; null while it has not.</summary>
    public CallEnd? End => _simulation.Storage.Find(_id) is { EndTime: { } at } row
        ? new CallEnd(at - _simulation.Options.Start, ConnectionJson.NameOf(row.Status), row.EndReason) { Failure = row.Failure, SipStatus = row.SipStatus }
        : null;

    /// <summary>Everything this person heard, oldest first.</summary>
    public IReadOnlyList<Heard> Heard => [.. Items.Select(item => item.ToHeard(_simulation.Options.Start))];

    /// <summary>The texts this person heard Sift speak, oldest first.</summary>
    public IReadOnlyList<string> Said => [.. Items.Where(static item => item.Kind == HeardKind.Speech).Select(static item => item.Text)];

    /// <summary>The commands that have run on the call, oldest first: Say, GetDigits, CallPhone …</summary>
    public IReadOnlyList<CommandRun> Commands => [.. Activities.Where(static run => CommandCatalog.Instance.Find(run.Name) is not null)];

    /// <summary>Every activity that has run on the call, oldest first: the commands, and what decides, waits and sets variables.</summary>
    public IReadOnlyList<CommandRun> Activities => [.. View?.Activities.Select(Describe) ?? []];

    /// <summary>The variables of the flow as they are now.</summary>
    public IReadOnlyDictionary<string, JsonNode?> Variables => View?.Variables ?? new Dictionary<string, JsonNode?>();

    /// <summary>What went wrong, for people; empty when nothing did.</summary>
    public IReadOnlyList<string> Incidents => [.. View?.Incidents.Select(static incident => incident.Message) ?? []];

    /// <summary>The phones that this call has called, oldest first.</summary>
    public IReadOnlyList<SimulatedCall> Callees =>
        [.. _simulation.Storage.Connections.Where(row => row.ParentId == _id).OrderBy(static row => row.CreatedAt).Select(row => new SimulatedCall(_simulation, row.Id, row.To))];

    private SimulatedLeg? Leg => _simulation.Network.Find(new LegId(_id));

    private IReadOnlyList<HeardItem> Items => Leg?.Heard ?? [];

    private InstanceView? View => _simulation.ViewOf(_id);

    /// <summary>Presses keys, 0-9, *, # and A-D, a quarter of a second apart.</summary>
    public Task PressAsync(string keys) => ActAsync("press keys", leg =>
    {
        leg.Press(SimulatedLeg.Keys(keys));
        return SimulatedLeg.TimeFor(keys);
    });

    /// <summary>Says something; it takes as long as Sift would need to say it, and is heard by whom the call is joined with.</summary>
    public Task SpeakAsync(string words) => ActAsync("speak", leg => leg.Speak(words));

    /// <summary>Puts the call on hold.</summary>
    public Task HoldAsync() => ActAsync("hold", static leg =>
    {
        leg.Hold(true);
        return TimeSpan.Zero;
    });

    /// <summary>Takes the call back from hold.</summary>
    public Task ResumeAsync() => ActAsync("resume", static leg =>
    {
        leg.Hold(false);
        return TimeSpan.Zero;
    });

    /// <summary>Is gone without a word, as a phone whose network or battery fails: Sift hears nothing any more and ends the call after 30 s.</summary>
    public Task VanishAsync() => ActAsync("vanish", static leg =>
    {
        leg.Vanish();
        return TimeSpan.Zero;
    });

    /// <summary>Hangs up, or gives up a call that was not answered yet.</summary>
    public Task HangUpAsync() => _simulation.SteerAsync(async () =>
    {
        if (Leg is { } leg)
        {
            _simulation.Network.HangUp(leg);
        }

        await _simulation.SettleAsync().ConfigureAwait(false);
        return true;
    });

    /// <summary>Stays on the phone and does nothing for that long.</summary>
    public Task WaitAsync(TimeSpan time) => _simulation.PassAsync(time);

    /// <summary>Waits until a text, sound or voice that contains these words begins; one heard since the last such wait counts.</summary>
    /// <param name="words">Part of what is heard, in any case.</param>
    /// <param name="within">How much virtual time it may take; 5 minutes when null.</param>
    /// <exception cref="SimulationException">It was not heard; the message tells what was.</exception>
    public Task<Heard> HearsAsync(string words, TimeSpan? within = null) => WaitForAsync(words, within, toTheEnd: false);

    /// <summary>As <see cref="HearsAsync"/>, to the end of it.</summary>
    public Task<Heard> HearsToTheEndAsync(string words, TimeSpan? within = null) => WaitForAsync(words, within, toTheEnd: true);

    /// <summary>Waits until the call is answered.</summary>
    /// <param name="within">How much virtual time it may take; an hour when null.</param>
    /// <exception cref="SimulationException">It is over without, or still not answered then.</exception>
    public Task AnswersAsync(TimeSpan? within = null) => _simulation.SteerAsync(async () =>
    {
        var limit = _simulation.Clock.GetUtcNow() + (within ?? TimeSpan.FromHours(1));
        await _simulation.RunUntilAsync(() => IsUp || IsOver, limit).ConfigureAwait(false);
        return IsUp ? true : throw _simulation.Unmet($"The call with {_number} was not answered{(IsOver ? "; it is over" : "")}.");
    });

    /// <summary>Waits until nothing was heard for that long.</summary>
    /// <exception cref="SimulationException">There was no such silence within 5 minutes.</exception>
    public Task HearsNothingAsync(TimeSpan silence) => _simulation.SteerAsync(async () =>
    {
        var start = _simulation.Clock.GetUtcNow();
        DateTimeOffset? Quiet() => Leg?.SilentSince is { } since ? since + silence : null;
        var isQuiet = await _simulation.RunUntilAsync(() => Quiet() <= _simulation.Clock.GetUtcNow(), start + Patience + silence, Quiet).ConfigureAwait(false);
        return isQuiet ? true : throw _simulation.Unmet($"{_number} did not have {silence.TotalSeconds:0.#} s of silence.");
    });

    /// <summary>Waits until the call is over.</summary>
    /// <param name="within">How much virtual time it may take; a day when null.</param>
    /// <exception cref="SimulationException">It still is up then, or waits for something that cannot come.</exception>
    public Task<CallEnd> EndsAsync(TimeSpan? within = null) => _simulation.SteerAsync(async () =>
    {
        var limit = _simulation.Clock.GetUtcNow() + (within ?? TimeSpan.FromDays(1));
        await _simulation.RunUntilAsync(() => End is not null, limit).ConfigureAwait(false);
        return End ?? throw _simulation.Unmet($"The call of {_number} does not end.");
    });

    /// <summary>Disposes the simulation.</summary>
    public ValueTask DisposeAsync() => _simulation.DisposeAsync();

    private Task<Heard> WaitForAsync(string words, TimeSpan? within, bool toTheEnd) => _simulation.SteerAsync(async () =>
    {
        HeardItem? found = null;
        bool IsHeard()
        {
            var items = Items;
            for (var i = _heardUpTo; found is null && i < items.Count; i++)
            {
                if (items[i].Contains(words))
                {
                    (found, _heardUpTo) = (items[i], i + 1);
                }
            }

            return found is not null && (!toTheEnd || found.Until is not null);
        }

        var limit = _simulation.Clock.GetUtcNow() + (within ?? Patience);
        await _simulation.RunUntilAsync(() => IsHeard() || IsOver, limit).ConfigureAwait(false);
        return IsHeard()
            ? found!.ToHeard(_simulation.Options.Start)
            : throw _simulation.Unmet($"{_number} did not hear \"{words}\"{(IsOver ? "; the call is over" : "")}.");
    });

    private Task ActAsync(string what, Func<SimulatedLeg, TimeSpan> act) => _simulation.SteerAsync(async () =>
    {
        if (Leg is not { Stage: LegStage.Up } leg)
        {
            throw _simulation.Unmet($"{_number} cannot {what}: the call is {(IsOver ? "over" : "not answered")}.");
        }

        var time = act(leg);
        if (time > TimeSpan.Zero)
        {
            await _simulation.RunUntilAsync(static () => false, _simulation.Clock.GetUtcNow() + time).ConfigureAwait(false);
        }
        else
        {
            await _simulation.SettleAsync().ConfigureAwait(false);
        }

        return true;
    });

    private CommandRun Describe(ActivityRecord record)
    {
        var start = _simulation.Options.Start;
        return new CommandRun(record.Type[(record.Type.LastIndexOf('.') + 1)..], record.Name, record.StartedAt - start, record.Inputs)
        {
            Until = record.EndedAt - start,
            Outcome = record.Outcome,
            Outputs = record.Outputs,
            Fault = record.Fault,
        };
    }
}
