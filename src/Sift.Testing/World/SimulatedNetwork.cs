using System.Globalization;
using Sift.Media.Legs;
using Sift.Media.Sip.Calls;

namespace Sift.Testing.World;

/// <summary>Every phone there is, and the leg port through which the server talks to them.</summary>
internal sealed class SimulatedNetwork(Simulation simulation, WorkPump pump, VirtualTime time, SimulationOptions options)
{
    private readonly Dictionary<LegId, SimulatedLeg> _legs = [];
    private readonly Dictionary<string, Phone> _phones = new(StringComparer.Ordinal);
    private readonly List<string> _transcript = [];
    private readonly Random _chance = new(options.Seed);

    public SimulationOptions Options => options;

    public DateTimeOffset Now => time.GetUtcNow();

    public IReadOnlyList<string> Transcript => _transcript;

    /// <summary>Every command that was carried out, in order.</summary>
    public List<LegCommand> Commands { get; } = [];

    public IReadOnlyCollection<SimulatedLeg> Legs => _legs.Values;

    /// <summary>The process that legs belong to now.</summary>
    public ServerProcess? Server { get; set; }

    public Phone PhoneOf(string number) => _phones.TryGetValue(number, out var phone) ? phone : _phones[number] = new Phone(number);

    public SimulatedLeg? Find(LegId id) => _legs.GetValueOrDefault(id);

    /// <summary>16 lower-case hex digits drawn from the seed.</summary>
    public string NewId() => _chance.NextInt64().ToString("x16", CultureInfo.InvariantCulture);

    /// <summary>How long a message is under way.</summary>
    public TimeSpan Latency() => TimeSpan.FromMilliseconds(10 + _chance.Next(30));

    public void After(TimeSpan wait, Action work) =>
        _ = time.CreateTimer(_ => pump.Enqueue(work), null, wait, Timeout.InfiniteTimeSpan);

    public void Note(string who, string what)
    {
        var at = Now - options.Start;
        _transcript.Add(string.Create(CultureInfo.InvariantCulture, $"{(int)at.TotalMinutes:00}:{at.Seconds:00}.{at.Milliseconds:000}  {who} {what}"));
    }

    public void Note(SimulatedLeg leg, string what) => Note(leg.Number, what);

    /// <summary>Reports to the server, as its drivers would.</summary>
    public void Tell(LegEvent legEvent) => pump.Enqueue(() => Server?.Tell(legEvent));

    /// <summary>A phone calls a number of Sift.</summary>
    public SimulatedLeg Call(string from, string to, CallerScript? script, string? clientData)
    {
        var leg = new SimulatedLeg(this, new LegId(NewId()), from, to, isCaller: true);
        Add(leg, script);
        Note(leg, $"calls {to}");
        After(Latency(), () =>
        {
            if (leg.Stage == LegStage.Ringing)
            {
                Tell(new LegIncoming(leg.Id, from, to, from.StartsWith("webrtc:", StringComparison.Ordinal) ? "webrtc" : "trunk:simulated") { ClientData = clientData });
            }
        });
        return leg;
    }

    public void HangUp(SimulatedLeg leg) => leg.End(LegEndCause.RemoteHangUp, null, leg.Stage == LegStage.Up ? "the far end hung up" : "the caller gave up");

    /// <summary>The process that hosted the legs is gone.</summary>
    public void Lose()
    {
        Server = null;
        foreach (var leg in _legs.Values)
        {
            leg.Drop("the server is gone");
        }
    }

    public void Post(LegCommand command)
    {
        Commands.Add(command);
        pump.Enqueue(() => Do(command));
    }

    private void Do(LegCommand command)
    {
        if (command is DialLeg dial)
        {
            Dial(dial);
            return;
        }

        if (Find(command.Leg) is not { } leg)
        {
            return;
        }

        switch (command)
        {
            case RingLeg:
                leg.Ring();
                break;
            case AnswerLeg when leg is { IsCaller: true, Stage: LegStage.Ringing }:
                After(Latency(), leg.GoUp);
                break;
            case RejectLeg { Cause: var cause } when leg.Stage == LegStage.Ringing:
                leg.End(cause, SipFailures.StatusOf(cause), "refused here");
                break;
            case HangUpLeg hangUp:
                leg.End(LegEndCause.LocalHangUp, leg.Stage == LegStage.Ringing && leg.IsCaller ? 480 : null, leg.Stage == LegStage.Up ? "hung up here" : hangUp.Reason);
                break;
            case PlayOnLeg play:
                leg.Play(play);
                break;
            case StopPlayback stop:
                leg.Stop(stop.Playback);
                break;
            case BridgeLegs bridge when Find(bridge.Other) is { } other && leg.Stage != LegStage.Ended && other.Stage != LegStage.Ended:
                leg.Join(other);
                break;
            case UnbridgeLeg:
                leg.Part();
                break;
            case SendDigits digits when leg.Stage == LegStage.Up:
                leg.HearDigits(digits.Digits);
                break;
        }
    }

    private void Dial(DialLeg dial)
    {
        var leg = new SimulatedLeg(this, dial.Leg, dial.Destination, dial.CallerId ?? "anonymous", isCaller: false);
        var phone = _phones.GetValueOrDefault(dial.Destination);
        Add(leg, null);
        Note("Sift", $"calls {dial.Destination} as {leg.Other}");
        After(dial.RingTimeout, () => GiveUp(leg));
        if (phone is null)
        {
            After(Latency(), () => leg.End(LegEndCause.NoAnswer, 480, $"no phone is registered as {dial.Destination}"));
            return;
        }

        phone.Add(leg, simulation);
        if (phone.Script is { } write)
        {
            var script = new CallerScript();
            write(script);
            leg.Follow(script);
        }

        After(Latency(), () => Arrive(leg, phone.Behaviour));
    }

    private void Arrive(SimulatedLeg leg, Taking taking)
    {
        if (leg.Stage != LegStage.Ringing)
        {
            return;
        }

        var rings = taking.Kind is TakingKind.Answers or TakingKind.Rings || (taking.Kind == TakingKind.Refuses && taking.After > TimeSpan.Zero);
        if (rings)
        {
            Note(leg, "rings");
            Tell(new LegRinging(leg.Id, taking.EarlyMedia));
        }

        switch (taking.Kind)
        {
            case TakingKind.Answers:
                After(taking.After, leg.GoUp);
                break;
            case TakingKind.Refuses:
                After(taking.After, () => leg.End(SipFailures.CauseOf(taking.Status!.Value), taking.Status, $"the far end refused: {taking.Status}"));
                break;
            case TakingKind.Unreachable:
                After(taking.After, () => leg.End(LegEndCause.Unreachable, 408, "the far end did not answer a message in time"));
                break;
        }
    }

    private static void GiveUp(SimulatedLeg leg)
    {
        if (leg.Stage == LegStage.Ringing)
        {
            leg.End(LegEndCause.NoAnswer, null, "no answer in time");
        }
    }

    private void Add(SimulatedLeg leg, CallerScript? script)
    {
        _legs[leg.Id] = leg;
        if (script is not null)
        {
            leg.Follow(script);
        }
    }
}
