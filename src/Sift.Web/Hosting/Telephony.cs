using System.Net;
using Sift.Activities.Calls;
using Sift.Activities.Webhooks;
using Sift.Media;
using Sift.Media.Audio;
using Sift.Media.Audio.Sounds;
using Sift.Media.Legs;
using Sift.Media.Recording;
using Sift.Media.Rtp;
using Sift.Media.Sip;
using Sift.Media.Sip.Sandbox;
using Sift.Media.Sip.Tracing;
using Sift.Media.Sip.Trunks;
using Sift.Media.Speech;
using Sift.Media.Speech.Espeak;
using Sift.Media.Speech.Flite;
using Sift.Media.WebRtc;
using Sift.Web.Browser;
using Sift.Web.Observability;
using Sift.Web.Recordings;

namespace Sift.Web.Hosting;

/// <summary>The legs of this process: speech, sounds, the media engine, the SIP and the browser side, started together once call control listens.</summary>
internal sealed class Telephony(
    IConfiguration settings,
    Configuration configuration,
    CallbackAddressGuard guard,
    BrowserOptions browserOptions,
    BrowserLegsPort browserPort,
    Switchboard switchboard,
    VirtualPhones virtualPhones,
    CallTraces traces,
    IRegistrationStore registrations,
    RecordingFiles recordings,
    IRecordingEvents recordingEvents,
    FollowUpQueue followUp,
    TimeProvider time,
    ILoggerFactory loggers)
    : ILegs, ISipAddress, IReadinessProbe, IAsyncDisposable
{
    private static readonly TimeSpan SipPatience = TimeSpan.FromSeconds(2);

    private readonly List<object> started = [];
    private volatile SipLegs? legs;
    private volatile LegExchange? exchange;

    public string Name => "sip";

    /// <summary>The media engine; null before the start.</summary>
    public MediaEngine? Media => started.OfType<MediaEngine>().FirstOrDefault();

    /// <summary>Figures of the browser port since the start.</summary>
    public BrowserPortStatistics BrowserPort => browserPort.Legs?.Statistics ?? new BrowserPortStatistics();

    /// <summary>The carriers and how they are.</summary>
    public IReadOnlyList<TrunkState> Trunks => legs?.Trunks ?? [];

    /// <summary>SIP messages refused since the start, by reason.</summary>
    public IReadOnlyDictionary<string, long> Refusals => legs?.Refusals ?? new Dictionary<string, long>();

    /// <summary>By which rule a call from that address is taken; null when no address rule matches.</summary>
    public (string Trunk, string Rule)? RuleFor(IPAddress source) => legs?.RuleFor(source);

    public string Address => legs?.LocalEndPoint?.ToString() ?? "";

    /// <summary>Asks the SIP side as a phone would, so that a socket or a thread that is lost is noticed.</summary>
    public ValueTask<string?> MissingAsync(CancellationToken cancellationToken)
        => legs?.LocalEndPoint is { } listener ? SipPing.CheckAsync(listener, SipPatience, time, cancellationToken) : new("the SIP listeners are not open");

    /// <summary>What the speech engines lack now that they did not lack at the start; null for nothing.</summary>
    public string? SpeechFailure => started.OfType<SpeechSynthesis>().FirstOrDefault() is { } synthesis
        ? string.Join("; ", synthesis.Catalogue.Engines.Where(engine => engine.Failure is not null).Select(engine => $"{engine.Name}: {engine.Failure}")) is { Length: > 0 } failures ? failures : null
        : null;

    /// <summary>Opens the listeners; from then on <paramref name="events"/> hears of calls.</summary>
    public async Task StartAsync(ILegEvents events, CancellationToken cancellationToken)
    {
        var options = configuration.Options;
        var speech = settings.GetSection("Sift:Speech").Get<SpeechOptions>() ?? new SpeechOptions();
        speech = speech with { CacheDirectory = speech.CacheDirectory ?? Path.Combine(options.DataDirectory, "speech") };
        var flite = FliteEngine.StartAsync(speech, time, loggers, cancellationToken);
        var espeak = EspeakEngine.StartAsync(speech, time, cancellationToken);
        ISpeechEngine[] engines = [await flite, await espeak];
        var synthesis = new SpeechSynthesis(new SpeechCatalogue(engines, speech), speech, time, loggers.CreateLogger<SpeechSynthesis>());
        started.Add(synthesis); // and with it its engines

        var sounds = settings.GetSection("Sift:Sounds").Get<SoundOptions>() ?? new SoundOptions();
        sounds = sounds with { CacheDirectory = sounds.CacheDirectory ?? Path.Combine(options.DataDirectory, "sounds") };
        var client = new HttpMessageInvoker(new GuardedHandler(guard));
        started.Add(client);
        var library = new SoundLibrary(client, sounds, time, loggers.CreateLogger<SoundLibrary>());
        started.Add(library);

        var sources = new AudioSources(synthesis, library);
        var media = MediaSettings();
        var (engine, sip) = SipTelephony.Create(SipSettings(), media, sources, time, loggers, traces, registrations);
        sip.FollowUp = followUp;
        var browsers = BrowserTelephony.Create(BrowserSettings(media), engine, sources, time, loggers);
        started.Add(engine);
        started.Add(browsers);
        started.Add(sip);
        engine.Start();
        browsers.Start(events, switchboard);
        browserPort.Legs = browsers;
        var recorder = new CallRecorder(engine, recordings.Directory, TimeSpan.FromMinutes(options.Recordings.LongestMinutes), recordingEvents, time, loggers.CreateLogger<CallRecorder>());
        started.Add(recorder);
        recorder.Start();
        exchange = new LegExchange(sip, browsers, engine, recorder);
        var kept = sip.SandboxEnabled ? await registrations.LoadAsync(cancellationToken) : [];
        sip.Start(events, kept);
        sip.Drain();
        legs = sip;
    }

    /// <summary>Takes new calls: until now they were answered 503, because those of the last run came first.</summary>
    public void Open() => legs?.Resume();

    /// <summary>Refuses new calls with 503 from now on.</summary>
    public void Drain() => legs?.Drain();

    public void Post(LegCommand command)
    {
        if (command is DialLeg dial && exchange is not null)
        {
            ServerMetrics.Begin(dial.Leg, "outgoing", time.GetElapsedTime(0));
        }

        exchange?.Post(virtualPhones.Route(command));
    }

    public ValueTask<LegSnapshot?> SnapshotAsync(LegId leg, CancellationToken cancellationToken)
        => exchange is { } running ? running.SnapshotAsync(leg, cancellationToken) : new((LegSnapshot?)null);

    public ValueTask<bool> RestoreAsync(LegSnapshot snapshot, CancellationToken cancellationToken)
        => exchange is { } running ? running.RestoreAsync(snapshot, cancellationToken) : new(false);

    /// <summary>Last started, first stopped: the SIP side says goodbye while media still flows.</summary>
    public async ValueTask DisposeAsync()
    {
        legs = null;
        var parts = started.ToList();
        started.Clear();
        foreach (var part in Enumerable.Reverse(parts))
        {
            if (part is IAsyncDisposable asynchronous)
            {
                await asynchronous.DisposeAsync();
            }
            else
            {
                (part as IDisposable)?.Dispose();
            }
        }
    }

    private SipOptions SipSettings()
    {
        var sip = settings.GetSection("Sift:Sip").Get<SipOptions>() ?? new SipOptions();
        settings.GetSection("Sift:Trunks").Bind(sip.Trunks);
        settings.GetSection("Sift:Sandbox").Bind(sip.Sandbox);
        sip.BenchEnabled = configuration.Calls.Bench is not null;
        if (configuration.SandboxEnabled)
        {
            sip.Sandbox.Password = SandboxPassword.Read(configuration.Options);
        }

        return sip;
    }

    /// <summary>The browser side listens where telephones' media does, unless told otherwise.</summary>
    private BrowserOptions BrowserSettings(MediaEngineOptions media)
    {
        browserOptions.BindAddress = settings["Sift:WebRtc:BindAddress"] is { } own ? IPAddress.Parse(own) : media.BindAddress;
        var announced = settings.GetSection("Sift:WebRtc:PublicAddresses").Get<string[]>() ?? (settings["Sift:Media:PublicAddress"] is { } shared ? [shared] : []);
        foreach (var address in announced)
        {
            browserOptions.PublicAddresses.Add(IPAddress.Parse(address));
        }

        return browserOptions;
    }

    private MediaEngineOptions MediaSettings()
    {
        var media = settings.GetSection("Sift:Media").Get<MediaEngineOptions>() ?? new MediaEngineOptions();
        media.BindAddress = IPAddress.Parse(settings["Sift:Sip:Host"] ?? "127.0.0.1");
        return media;
    }
}
