using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Sift.Activities.Calls;
using Sift.Activities.Routines;
using Sift.Testing.World;
using Sift.Workflows.Activities;
using Sift.Workflows.Definitions;
using Sift.Workflows.Engine;
using Sift.Workflows.Journal;

namespace Sift.Testing;

/// <summary>
/// A Sift server without phones, network, disk and waiting. The engine, the commands and the webhooks are those of the server; time is
/// virtual, and the people on the phones do what the test says. One test at a time steers a simulation.
/// </summary>
public sealed partial class Simulation : IAsyncDisposable
{
    private readonly SemaphoreSlim _steering = new(1);
    private readonly WorkPump _pump = new();
    private readonly InMemoryDefinitionStore _definitions = new();
    private readonly SimulationOptions _options;
    private readonly ActivityCatalog _catalog;
    private readonly DefinitionLibrary _library;
    private readonly SimulatedNumbers _numbers;
    private readonly List<JsonObject> _flows = [];
    private ServerProcess? _server;
    private string? _flowId;
    private bool _isPrepared;

    private Simulation(SimulationOptions? options)
    {
        _options = options ?? new SimulationOptions();
        Clock = new VirtualTime(_options.Start);
        Network = new SimulatedNetwork(this, _pump, Clock, _options);
        _numbers = new SimulatedNumbers(_options);
        _catalog = new ActivityCatalog(CallActivities.All(_options.Calls));
        _library = new DefinitionLibrary(new InMemoryDefinitionStore(), new DefinitionValidator(_catalog), Clock);
        Storage = new SimulatedStorage();
        Web = new SimulatedWeb(Network, _pump, _options, () => Storage);
    }

    /// <summary>How much virtual time has passed since the simulation began.</summary>
    public TimeSpan Now => Clock.GetUtcNow() - _options.Start;

    /// <summary>The clock, for code of the test that takes a <see cref="TimeProvider"/>.</summary>
    public TimeProvider Time => Clock;

    /// <summary>Every request that Sift has sent, oldest first: webhooks and HttpCalls, each attempt by itself.</summary>
    public IReadOnlyList<HttpExchange> Requests => [.. Web.Exchanges];

    /// <summary>The webhooks among <see cref="Requests"/>.</summary>
    public IReadOnlyList<HttpExchange> Webhooks => [.. Web.Exchanges.Where(static exchange => exchange.Kind is not null)];

    /// <summary>What happened, one line each, with virtual times. Equal for two runs of the same test.</summary>
    public string Transcript => string.Join('\n', Network.Transcript);

    internal VirtualTime Clock { get; }

    internal WorkflowCore Core => new(_catalog);

    internal SimulatedNetwork Network { get; }

    internal SimulatedStorage Storage { get; private set; }

    internal SimulatedWeb Web { get; }

    internal SimulationOptions Options => _options;

    internal ServerProcess Server => _server ?? throw new SimulationException("The simulated server is not running; RestartAsync starts it again.");

    /// <summary>Calls to any number run this flow or routine.</summary>
    /// <param name="json">An Elsa 3 definition, as Studio exports it; or a routine: a JSON list of commands, or an object with a <c>routine</c>.</param>
    /// <param name="options">Null for the defaults.</param>
    /// <exception cref="SimulationException">It is neither, or cannot run; the message lists everything that is wrong.</exception>
    public static Simulation Of(string json, SimulationOptions? options = null)
    {
        var simulation = new Simulation(options);
        if (Parse(json) is JsonObject flow && flow.ContainsKey("root"))
        {
            simulation._flows.Add(flow);
            simulation._flowId = flow["definitionId"]?.ToString() is { Length: > 0 } id ? id : "flow";
            flow["definitionId"] = simulation._flowId;
        }
        else
        {
            simulation._numbers.Plan = simulation._numbers.Plan with { DefaultRoutine = JsonSerializer.SerializeToElement(Routine(json)) };
        }

        return simulation;
    }

    /// <summary>As <see cref="Of(string, SimulationOptions)"/>, read from a file.</summary>
    public static Simulation OfFile(string path, SimulationOptions? options = null) => Of(File.ReadAllText(path), options);

    /// <summary>Calls to any number ask this function, which stands for the application's web server: it gets each webhook and says what is replied.</summary>
    /// <param name="answer">Gets on_incoming at <c>https://app.example.com/incoming</c>, and whatever else its routines name.</param>
    /// <param name="options">Null for the defaults.</param>
    public static Simulation Of(Func<HttpExchange, Reply> answer, SimulationOptions? options = null) => Of(exchange => new ValueTask<Reply>(answer(exchange)), options);

    /// <summary>As <see cref="Of(Func{HttpExchange, Reply}, SimulationOptions)"/>, for answers that take work. Virtual time stands still meanwhile.</summary>
    public static Simulation Of(Func<HttpExchange, ValueTask<Reply>> answer, SimulationOptions? options = null)
    {
        var simulation = new Simulation(options);
        simulation.Web.Answer = answer;
        simulation._numbers.Plan = simulation._numbers.Plan with { OnIncoming = "https://app.example.com/incoming" };
        return simulation;
    }

    /// <summary>Calls to any number ask a real program through its handler, for example that of an ASP.NET test server.</summary>
    /// <param name="program">Gets every request, exactly as a server would send it. Stays the caller's.</param>
    /// <param name="onIncoming">The URL that is asked about a new call.</param>
    /// <param name="options">Null for the defaults.</param>
    public static Simulation Of(HttpMessageHandler program, string onIncoming, SimulationOptions? options = null)
    {
        var simulation = new Simulation(options);
        simulation.Web.Program = new HttpMessageInvoker(program, disposeHandler: false);
        simulation._numbers.Plan = simulation._numbers.Plan with { OnIncoming = onIncoming };
        return simulation;
    }

    /// <summary>Adds a flow that the tested one runs as a step, or one for later calls. Returns the simulation.</summary>
    public Simulation With(string flow)
    {
        if (Parse(flow) is not JsonObject definition || !definition.ContainsKey("root"))
        {
            throw new SimulationException("With takes a flow: an Elsa 3 definition with a root.");
        }

        if (_server is not null)
        {
            throw new SimulationException("Flows are added before the first call; PublishAsync publishes later ones.");
        }

        // Before the flow that runs it: it must be published first.
        _flows.Insert(_flowId is null ? _flows.Count : Math.Max(0, _flows.Count - 1), definition);
        return this;
    }

    /// <summary>What answers the HttpCalls of a flow and the webhooks of its commands; without it they get an empty 200. Returns the simulation.</summary>
    public Simulation Answering(Func<HttpExchange, Reply> answer)
    {
        Web.Answer = exchange => new ValueTask<Reply>(answer(exchange));
        return this;
    }

    /// <summary>The phone of that number, or the browser client <c>webrtc:name</c>, for saying how it takes calls. A number nobody asked for is not registered.</summary>
    public Phone Phone(string number) => Network.PhoneOf(number);

    /// <summary>Everything is let go.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_server is { } server)
        {
            _server = null;
            Network.Server = null;
            await server.DisposeAsync().ConfigureAwait(false);
        }

        Web.Dispose();
        _steering.Dispose();
    }

    internal InstanceView? ViewOf(string instanceId)
    {
        var journal = JournalOf(instanceId);
        return journal.Count == 0 ? null : InstanceView.Of(new WorkflowCore(_catalog), GraphOf(instanceId), journal);
    }

    internal List<JournalEntry> JournalOf(string instanceId) => Storage.Journal.ReadAsync(instanceId, 1, CancellationToken.None).ToBlockingEnumerable().ToList();

    internal WorkflowGraph GraphOf(string instanceId)
    {
        // Stores in memory answer at once: nothing is waited for here.
        var summary = Storage.Journal.FindAsync(instanceId, CancellationToken.None).AsTask().Result!;
        return new WorkflowGraph(_definitions.FindVersionAsync(summary.DefinitionVersionId, CancellationToken.None).AsTask().Result!);
    }

    internal SimulationException Unmet(string message) => new($"{message}\n\nWhat happened:\n{Transcript}");

    private static JsonArray Routine(string json)
    {
        var given = Parse(json);
        var list = given as JsonArray ?? (given as JsonObject)?["routine"] as JsonArray
            ?? throw new SimulationException("This is neither a flow (an object with a root) nor a routine (a list of commands, or an object with a routine).");
        var result = new RoutineParser(CommandCatalog.Instance).Parse(list.ToJsonString());
        return result.IsValid ? list : throw new SimulationException("The routine cannot run:\n" + string.Join('\n', result.Errors));
    }

    private static JsonNode? Parse(string json)
    {
        try
        {
            return JsonNode.Parse(json, documentOptions: new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true });
        }
        catch (JsonException problem)
        {
            throw new SimulationException("This is no JSON: " + problem.Message, problem);
        }
    }

    private static JsonObject ConnectionFlow()
    {
        using var stream = typeof(Simulation).Assembly.GetManifestResourceStream("connection.json")!;
        using var reader = new StreamReader(stream, Encoding.UTF8);
        return JsonNode.Parse(reader.ReadToEnd())!.AsObject();
    }
}
