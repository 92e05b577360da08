using System.Net;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Sift.Media.Audio;
using Sift.Media.Audio.Tones;
using Sift.Media.Legs;
using Sift.Media.Rtp;
using Sift.Media.Sip;
using Sift.Media.Sip.Resolution;
using Sift.Media.Sip.Sandbox;
using Sift.Media.Sip.Tracing;
using Sift.Media.Sip.Transports;
using Sift.Media.Sip.Trunks;
using Sift.Media.Tests.Rtp;
using Sift.Protocols.Sip.Messages;
using Sift.Protocols.Sip.Transactions;
using Sift.Protocols.Sip.UserAgent;

namespace Sift.Media.Tests.Sip;

/// <summary>
/// A whole SIP side without sockets and with a clock moved by hand: the real host, core and media engine between a scripted network
/// and a list of leg events.
/// </summary>
internal sealed class SipWorld : ISipTransports, ILegEvents, IDnsRecords, IAudioSources, IDisposable
{
    public const string Offer = "v=0\no=- 1 1 IN IP4 198.51.100.7\ns=-\nc=IN IP4 198.51.100.7\nt=0 0\nm=audio 4000 RTP/AVP 0 8 101\n"
        + "a=rtpmap:101 telephone-event/8000\n";

    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(20);

    private readonly SipReactor _reactor;
    private readonly MediaEngine _engine;
    private int _seen;
    private int _branch;
    private readonly Dictionary<string, TaskCompletionSource<DnsAnswer<IPAddress>>> _delayed = [];

    public SipWorld(Action<SipOptions>? configure = null, MemoryNetwork? network = null, int seed = 1, IRegistrationStore? registrations = null, IReadOnlyList<StoredRegistration>? kept = null)
    {
        Network = network ?? new MemoryNetwork();
        Options = new SipOptions();
        Options.Sandbox.Password = "secret";
        configure?.Invoke(Options);
        var entropy = new SeededEntropy(seed);
        _engine = new MediaEngine(
            new MediaEngineOptions { Threads = 1, PortMin = 20000, PortMax = 20099 },
            entropy,
            Time,
            NullLogger<MediaEngine>.Instance,
            Network);
        Traces = new CallTraces(Time);
        _reactor = new SipReactor(Time, NullLogger.Instance) { Trace = Traces };
        Host = new SipHost(
            Options,
            _reactor,
            this,
            new SipUserAgentOptions { SessionExpires = null },
            [.. Options.Trunks],
            this,
            _engine,
            this,
            this,
            entropy,
            Time,
            NullLogger.Instance,
            CancellationToken.None,
            Traces,
            registrations);
        _reactor.Attach(Host);
        _reactor.Post(() => Host.Start(kept ?? []));
        _reactor.RunOnce();
    }

    public ManualTime Time { get; } = new();

    /// <summary>What went over the wire.</summary>
    public CallTraces Traces { get; }

    public SipOptions Options { get; }

    public SipHost Host { get; }

    public MemoryNetwork Network { get; }

    /// <summary>Port pairs of legs that are not over.</summary>
    public int PortsInUse => _engine.Ports.InUse;

    /// <summary>Everything sent and not yet looked at.</summary>
    public Queue<(SipFlow Flow, SipMessage Message)> Sent { get; } = [];

    public List<LegEvent> Events { get; } = [];

    /// <summary>Addresses by host name.</summary>
    public Dictionary<string, IPAddress> Names { get; } = [];

    /// <summary>Host names that were looked up.</summary>
    public List<string> Asked { get; } = [];

    /// <summary>SRV records by name.</summary>
    public Dictionary<string, SrvRecord[]> Services { get; } = [];

    public TimeSpan ServicesValidFor { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>Remote addresses that nothing can be sent to over a stream.</summary>
    public HashSet<IPEndPoint> Broken { get; } = [];

    public void Post(LegCommand command)
    {
        Host.Post(() => Host.Handle(command));
        _reactor.RunOnce();
    }

    public void Receive(SipMessage message, SipFlow flow)
    {
        var bytes = new System.Buffers.ArrayBufferWriter<byte>();
        SipWriter.Write(message, bytes);
        _reactor.OnBytes(flow, bytes.WrittenSpan);
        _reactor.RunOnce();
    }

    public void Run() => _reactor.RunOnce();

    /// <summary>Lets time pass in steps of 20 ms, with media and timers running.</summary>
    public void Advance(TimeSpan by)
    {
        var end = Time.Now + by;
        while (Time.Now < end)
        {
            Time.Now = Time.Now + Tick < end ? Time.Now + Tick : end;
            _engine.Tick(Time.Now);
            _reactor.RunOnce();
        }
    }

    /// <summary>The next message sent, which must be a request of that method.</summary>
    public (SipFlow Flow, SipRequest Request) NextRequest(string method)
    {
        Assert.True(Sent.TryDequeue(out var sent), $"no {method} was sent");
        var request = Assert.IsType<SipRequest>(sent.Message);
        Assert.Equal(method, request.Method);
        return (sent.Flow, request);
    }

    /// <summary>The next message sent, which must be a response with that status.</summary>
    public SipResponse NextResponse(int status)
    {
        Assert.True(Sent.TryDequeue(out var sent), $"no {status} was sent");
        var response = Assert.IsType<SipResponse>(sent.Message);
        Assert.Equal(status, response.StatusCode);
        return response;
    }

    /// <summary>The next event, which must be of that kind.</summary>
    public T Next<T>()
        where T : LegEvent
    {
        Assert.True(_seen < Events.Count, $"no {typeof(T).Name} came");
        return Assert.IsType<T>(Events[_seen++]);
    }

    public void NothingMore() => Assert.Empty(Events.Skip(_seen));

    /// <summary>Answers a request as the far end: tag, contact and a body as wanted.</summary>
    public void Respond(SipRequest request, int status, SipFlow flow, string body = "", string tag = "rt", string extra = "")
    {
        var response = SipResponse.For(request, status, tag);
        if (status is > 100 and < 300)
        {
            response.Headers.Add("Contact", $"<sip:callee@{flow.Remote}>");
        }

        foreach (var line in extra.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            var colon = line.IndexOf(':');
            response.Headers.Add(line[..colon], line[(colon + 1)..].Trim());
        }

        if (body.Length > 0)
        {
            response.Headers.Add("Content-Type", "application/sdp");
            response.Body = Encoding.UTF8.GetBytes(body.ReplaceLineEndings("\r\n"));
        }

        Receive(response, flow);
    }

    /// <summary>A request of the far end within the dialog that <paramref name="established"/> (its 200) made.</summary>
    public void InDialog(string method, SipResponse established, SipFlow flow, uint sequence, string body = "", string extra = "", string type = "application/sdp")
    {
        var request = new SipRequest(method, established.Contact!.Uri);
        request.Headers.Add("Via", $"SIP/2.0/UDP {flow.Remote};branch=z9hG4bKd{++_branch};rport");
        request.Headers.Add("Max-Forwards", "70");
        request.Headers.Add("From", established.Headers.Get("From")!);
        request.Headers.Add("To", established.Headers.Get("To")!);
        request.Headers.Add("Call-ID", established.CallId!);
        request.Headers.Add("CSeq", $"{sequence} {method}");
        if (method == "INVITE")
        {
            request.Headers.Add("Contact", $"<sip:caller@{flow.Remote}>");
        }

        foreach (var line in extra.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            var colon = line.IndexOf(':');
            request.Headers.Add(line[..colon], line[(colon + 1)..].Trim());
        }

        if (body.Length > 0)
        {
            request.Headers.Add("Content-Type", type);
            request.Body = Encoding.UTF8.GetBytes(body.ReplaceLineEndings("\r\n"));
        }

        Receive(request, flow);
    }

    public bool Send(in SipFlow flow, ReadOnlySpan<byte> bytes)
    {
        if (Broken.Contains(flow.Remote))
        {
            return false;
        }

        Assert.True(SipParser.TryParse(bytes, out var message, out var error), $"sent what cannot be read: {error}");
        Sent.Enqueue((flow, message));
        return true;
    }

    public bool TryFlowTo(SipTransport transport, IPEndPoint remote, string? peerName, out SipFlow flow)
    {
        flow = new SipFlow(transport, transport == SipTransport.Udp ? 0 : 1, SipText.Server, remote);
        return true;
    }

    public SipSentBy SentBy(in SipFlow flow) => new("192.0.2.1", 5060);

    public void OnLegEvent(LegEvent legEvent) => Events.Add(legEvent);

    /// <summary>Lets the look-up of that host wait until <see cref="Found"/>.</summary>
    public void Delay(string host) => _delayed[host] = new();

    /// <summary>Ends the look-up of a host that was delayed.</summary>
    public void Found(string host, string address)
    {
        // With the context of the test runner what waits for the answer would go on at another thread, some time.
        var context = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(null);
        _delayed[host].SetResult(new([IPAddress.Parse(address)], TimeSpan.FromMinutes(1)));
        SynchronizationContext.SetSynchronizationContext(context);
        _reactor.RunOnce();
    }

    public Task<DnsAnswer<IPAddress>> AddressesAsync(string name, CancellationToken cancellationToken)
    {
        Asked.Add(name);
        return _delayed.TryGetValue(name, out var delayed) ? delayed.Task
            : Task.FromResult(Names.TryGetValue(name, out var address) ? new DnsAnswer<IPAddress>([address], TimeSpan.FromMinutes(5)) : DnsAnswer<IPAddress>.None);
    }

    public Task<DnsAnswer<SrvRecord>> ServicesAsync(string name, CancellationToken cancellationToken) =>
        Task.FromResult(Services.TryGetValue(name, out var records) ? new DnsAnswer<SrvRecord>(records, ServicesValidFor) : DnsAnswer<SrvRecord>.None);

    public Task<DnsAnswer<NaptrRecord>> PointersAsync(string name, CancellationToken cancellationToken) => Task.FromResult(DnsAnswer<NaptrRecord>.None);

    public IAudioSource Open(PlaySource source, int sampleRate, CancellationToken cancellationToken) => source switch
    {
        ToneSource tone => new TonePlayer(tone.Tone, sampleRate),
        SilenceSource silence => new SilentSource(sampleRate, silence.Duration),
        _ => throw new InvalidOperationException("not in these tests"),
    };

    public void Dispose()
    {
        _engine.Dispose();
        _reactor.Dispose();
    }
}
