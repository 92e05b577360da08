using Sift.Media.Legs;
using Sift.Media.Tests.WebRtc;
using Sift.Media.WebRtc;

namespace Sift.Media.Tests.Legs;

public sealed class LegExchangeTests
{
    private readonly Telephones _telephones = new();

    [Fact]
    public void New_calls_go_by_their_destination_and_commands_by_their_leg()
    {
        using var bench = new BrowserBench();
        var exchange = new LegExchange(_telephones, bench.Legs, bench.Media.Engine);
        var (phone, client, caller) = (new LegId("phone"), new LegId("client"), new LegId("caller"));

        exchange.Post(new DialLeg(phone, "+15554443333", null, TimeSpan.FromSeconds(20), []));
        exchange.Post(new DialLeg(client, "webrtc:bob", null, TimeSpan.FromSeconds(20), []));
        bench.Legs.Connect(new BrowserCall(caller, "webrtc:alice", "app", "AC1", null, null));
        exchange.Post(new HangUpLeg(phone, "a"));
        exchange.Post(new HangUpLeg(client, "b"));
        exchange.Post(new HangUpLeg(caller, "c"));
        bench.Run(1);
        exchange.Post(new HangUpLeg(client, "gone"));

        Assert.Equal([typeof(DialLeg), typeof(HangUpLeg), typeof(HangUpLeg)], _telephones.Posted.Select(static c => c.GetType()));
        Assert.Equal("b", bench.Events.Ended(client).Detail);
        Assert.Equal("c", bench.Events.Ended(caller).Detail);
    }

    [Theory]
    [InlineData("PCMU")]
    [InlineData("PCMA")]
    [InlineData("opus")]
    public void A_leg_that_will_be_bridged_is_dialled_with_its_partners_codec_first(string codec)
    {
        using var bench = new BrowserBench();
        var exchange = new LegExchange(_telephones, bench.Legs, bench.Media.Engine);
        var caller = bench.Connected(bench.Peer(5001, codec));
        var dial = new DialLeg(new LegId("phone"), "+15554443333", null, TimeSpan.FromSeconds(20), []) { Partner = caller };

        exchange.Post(dial);
        exchange.Post(dial with { PreferredCodecs = ["G722"] });
        exchange.Post(dial with { Partner = new LegId("unknown") });

        Assert.Equal([codec, "G722", ""], _telephones.Posted.Select(static c => string.Join(' ', ((DialLeg)c).PreferredCodecs)));
    }

    [Fact]
    public void A_browser_that_could_do_Opus_answers_a_G711_leg_with_its_codec()
    {
        using var bench = new BrowserBench();
        var exchange = new LegExchange(_telephones, bench.Legs, bench.Media.Engine);
        var caller = bench.Connected(bench.Peer(5001, "PCMA"));
        var callee = new LegId("callee");
        var bob = bench.Peer(5002, "opus", "PCMU", "PCMA");

        exchange.Post(new DialLeg(callee, "webrtc:bob", null, TimeSpan.FromSeconds(20), []) { Partner = caller });
        bench.Legs.Accept(callee);
        bench.Legs.Offer(callee, bob.Offer());
        bench.Run(1);
        bob.OnAnswer(bench.Signalling.LastAnswer(callee));

        Assert.Equal("PCMA", bob.Codec);
    }

    [Fact]
    public async Task Only_telephones_survive_a_restart_for_now()
    {
        using var bench = new BrowserBench();
        var exchange = new LegExchange(_telephones, bench.Legs, bench.Media.Engine);
        var leg = bench.Connected(bench.Peer(5001));

        Assert.Null(await exchange.SnapshotAsync(leg, CancellationToken.None));
        Assert.NotNull(await exchange.SnapshotAsync(new LegId("phone"), CancellationToken.None));
        Assert.True(await exchange.RestoreAsync(Telephones.Snapshot("sip"), CancellationToken.None));
        Assert.False(await exchange.RestoreAsync(Telephones.Snapshot("webrtc"), CancellationToken.None));
    }

    private sealed class Telephones : ILegs
    {
        public List<LegCommand> Posted { get; } = [];

        public static LegSnapshot Snapshot(string kind) => new(new LegId("phone"), kind, DateTimeOffset.UnixEpoch, "", "");

        public void Post(LegCommand command) => Posted.Add(command);

        public ValueTask<LegSnapshot?> SnapshotAsync(LegId leg, CancellationToken cancellationToken) => ValueTask.FromResult<LegSnapshot?>(Snapshot("sip"));

        public ValueTask<bool> RestoreAsync(LegSnapshot snapshot, CancellationToken cancellationToken) => ValueTask.FromResult(true);
    }
}
