using System.Text.Json.Nodes;
using Sift.Activities.Calls;
using Sift.Media.Legs;
using Sift.Workflows.Activities;
using Sift.Workflows.Journal;

namespace Sift.Activities.Tests.Calls;

public sealed class LegEffectsTests
{
    private static readonly LegId Leg = new("0123456789abcdef");

    public static TheoryData<string> Names => [.. Commands.Keys];

    private static Dictionary<string, LegCommand> Commands { get; } = new()
    {
        ["leg.dial"] = new DialLeg(Leg, "+15554443333", "+15550100001", TimeSpan.FromSeconds(30), ["PCMU"]) { AccountId = "a", Partner = new LegId("fedcba9876543210") },
        ["leg.ring"] = new RingLeg(Leg),
        ["leg.answer"] = new AnswerLeg(Leg),
        ["leg.reject"] = new RejectLeg(Leg, LegEndCause.Busy),
        ["leg.hangup"] = new HangUpLeg(Leg, "HangUp command"),
        ["leg.play"] = new PlayOnLeg(Leg, new PlaybackId("p1"), [new ToneSource(ToneKind.Hold), new SilenceSource(TimeSpan.FromSeconds(1))], Loop: true),
        ["leg.stop"] = new StopPlayback(Leg, new PlaybackId("p1")),
        ["leg.bridge"] = new BridgeLegs(Leg, new LegId("fedcba9876543210")),
        ["leg.unbridge"] = new UnbridgeLeg(Leg),
        ["leg.digits"] = new SendDigits(Leg, "12#"),
        ["leg.record"] = new RecordLeg(Leg, "r1", new LegId("fedcba9876543210")),
        ["leg.stop_recording"] = new StopRecording(Leg, "r1"),
    };

    [Fact]
    public void Every_command_that_a_leg_takes_can_be_asked_for() => Assert.Equal(Commands.Keys.Order(), LegEffects.Types.Order());

    [Theory]
    [MemberData(nameof(Names))]
    public void A_command_reaches_its_leg_as_it_was_asked(string name)
    {
        var effect = LegEffects.ToEffect(Commands[name]);

        Assert.Equal(name, effect.Type);
        Assert.Equal(Text(Commands[name]), Text(LegEffects.Read(effect)!));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_command_reads_the_same_from_the_journal(string name)
    {
        var effect = LegEffects.ToEffect(Commands[name]);
        var entry = Assert.Single(JournalEncoding.Encode("i", 1, DateTimeOffset.UnixEpoch, [new EffectRequested(1, effect.Type, effect.Payload, effect.Guarantee)]));

        var read = Assert.IsType<EffectRequested>(JournalEncoding.Decode(entry));

        Assert.Equal("0123456789abcdef", (string?)Assert.IsType<JsonObject>(read.Payload)["leg"]);
        Assert.Equal(Text(Commands[name]), Text(LegEffects.Read(new Effect(read.Type, read.Payload, read.Guarantee))!));
    }

    [Fact]
    public void Only_dialling_must_not_happen_twice() =>
        Assert.Equal(["leg.dial"], Commands.Values.Select(LegEffects.ToEffect).Where(static effect => effect.Guarantee == EffectGuarantee.AtMostOnce).Select(static effect => effect.Type));

    // Lists of records are equal by reference only.
    private static string Text(LegCommand command) => LegEffects.ToEffect(command).Type + LegEffects.ToEffect(command).Payload!.ToJsonString();
}
