using Microsoft.Extensions.Logging.Abstractions;
using Sift.Media.Legs;
using Sift.Media.Rtp;
using Sift.Media.Tests.Rtp;
using Sift.Media.WebRtc;

namespace Sift.Media.Tests.WebRtc;

/// <summary>Browser legs and a media engine on a network in memory, with browsers and telephones to talk to them and one clock for all.</summary>
internal sealed class BrowserBench : IDisposable
{
    public const int Port = 3478;

    private readonly MediaBench _media;
    private int _legs;

    public BrowserBench(Action<BrowserOptions>? configure = null)
    {
        _media = new MediaBench();
        Options = new BrowserOptions { Port = Port };
        configure?.Invoke(Options);
        Legs = new BrowserLegs(Options, _media.Engine, new ToneOpener(), new SeededEntropy(2), _media.Time, NullLogger<BrowserLegs>.Instance, _media.Network);
        Signalling = new RecordedSignalling();
        Assert.True(Legs.Prepare(Events, Signalling));
    }

    public BrowserOptions Options { get; }

    public BrowserLegs Legs { get; }

    public RecordedEvents Events { get; } = new();

    public RecordedSignalling Signalling { get; }

    public List<BrowserPeer> Peers { get; } = [];

    public MediaBench Media => _media;

    public MemoryNetwork Network => _media.Network;

    public BrowserPortStatistics Statistics => Legs.Statistics;

    public BrowserPeer Peer(int port, params string[] codecs)
    {
        var peer = new BrowserPeer(Network, port, codecs.Length == 0 ? ["PCMU"] : codecs);
        Peers.Add(peer);
        return peer;
    }

    /// <summary>A client calls, is answered, and its media comes up.</summary>
    public LegId Connected(BrowserPeer peer)
    {
        var leg = new LegId($"leg{++_legs}");
        Legs.Connect(new BrowserCall(leg, "webrtc:alice", "app", "AC1", "AP1", null));
        Legs.Post(new AnswerLeg(leg));
        Legs.Offer(leg, peer.Offer());
        Legs.Step();
        peer.OnAnswer(Signalling.LastAnswer(leg));
        peer.Check(useCandidate: true);
        Run(3);
        Assert.Contains(Events.Of(leg), static e => e is LegAnswered);
        return leg;
    }

    /// <summary>Lets steps of 20 ms pass; far ends talk before each and listen after it.</summary>
    public void Run(int steps)
    {
        for (var i = 0; i < steps; i++)
        {
            _media.Time.Now += TimeSpan.FromMilliseconds(20);
            foreach (var peer in Peers)
            {
                peer.Talk();
            }

            foreach (var phone in _media.Phones)
            {
                phone.Talk();
            }

            Legs.Step();
            _media.Engine.Tick(_media.Time.Now);
            Legs.Step();
            foreach (var peer in Peers)
            {
                peer.Listen();
            }

            foreach (var phone in _media.Phones)
            {
                phone.Listen();
            }
        }
    }

    public void Dispose()
    {
        Legs.DisposeAsync().AsTask().GetAwaiter().GetResult();
        _media.Dispose();
        foreach (var peer in Peers)
        {
            peer.Dispose();
        }
    }
}

internal sealed class RecordedEvents : ILegEvents
{
    public List<LegEvent> All { get; } = [];

    public void OnLegEvent(LegEvent legEvent) => All.Add(legEvent);

    public IReadOnlyList<LegEvent> Of(LegId leg) => [.. All.Where(e => e.Leg == leg)];

    public LegEnded Ended(LegId leg) => Assert.Single(Of(leg).OfType<LegEnded>());
}

internal sealed class RecordedSignalling : IBrowserSignalling
{
    public List<BrowserRing> Rings { get; } = [];

    public List<(LegId Leg, string Sdp)> Answers { get; } = [];

    public List<(LegId Leg, string Candidate, string? Mid, int Index)> Candidates { get; } = [];

    public List<(LegId Leg, string Reason)> Refusals { get; } = [];

    public List<BrowserEnd> Ends { get; } = [];

    public void Ring(BrowserRing ring) => Rings.Add(ring);

    public void Answer(LegId leg, string sdp) => Answers.Add((leg, sdp));

    public void Candidate(LegId leg, string candidate, string? mid, int index) => Candidates.Add((leg, candidate, mid, index));

    public void RefuseOffer(LegId leg, string reason) => Refusals.Add((leg, reason));

    public void End(BrowserEnd end) => Ends.Add(end);

    public string LastAnswer(LegId leg) => Answers.Last(a => a.Leg == leg).Sdp;
}
