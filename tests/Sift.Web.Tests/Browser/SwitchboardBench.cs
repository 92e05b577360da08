using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging.Abstractions;
using Sift.Activities.Connections;
using Sift.Media.Legs;
using Sift.Media.WebRtc;
using Sift.Testing;
using Sift.Web.Browser;

namespace Sift.Web.Tests.Browser;

/// <summary>A switchboard with its clock in the test's hand.</summary>
internal sealed class SwitchboardBench : IConnectionStore, IAsyncDisposable
{
    public const string Account = "00112233445566aa";
    public const string Application = "0f1e2d3c4b5a6978";

    private readonly Dictionary<string, Connection> _connections = [];
    private int _legs;

    private SwitchboardBench() => Board = new Switchboard(
        () => Legs, capability => new ValueTask<bool>(!Withdrawn.Contains(capability.Secret)), this, new BrowserLimits(), new BrowserOptions(), Time, NullLogger<Switchboard>.Instance);

    public VirtualTime Time { get; } = new();

    public FakeBrowserLegs Legs { get; } = new();

    /// <summary>Secrets that hold no more.</summary>
    public HashSet<string> Withdrawn { get; } = [];

    public Switchboard Board { get; }

    public static async Task<SwitchboardBench> StartAsync()
    {
        var bench = new SwitchboardBench();
        await bench.Board.StartAsync(CancellationToken.None);
        return bench;
    }

    public Capability CapabilityOf(string? name, bool calls = true, string secret = "secret") => new(Account, Time.GetUtcNow().AddHours(1), secret)
    {
        ClientName = name,
        Outgoing = calls ? new OutgoingGrant(Application, null, null) : null,
    };

    public async Task<(BrowserClient Client, FakeSocket Socket)> LogInAsync(string? name = "alice", Capability? capability = null)
    {
        var socket = new FakeSocket();
        var client = await Board.LoginAsync(socket, capability ?? CapabilityOf(name));
        Assert.NotNull(client);
        Assert.Equal("OK", (string?)await socket.NextAsync("auth"));
        Assert.Equal(client.Session, (string?)(await socket.NextAsync("config"))!["session"]);
        return (client, socket);
    }

    public Task SayAsync(BrowserClient client, string type, JsonNode? body = null)
        => Board.ReceiveAsync(client, new ClientMessage(type, body is null ? default : JsonSerializer.SerializeToElement(body)));

    /// <summary>Calls clients of that name.</summary>
    public async Task<LegId> RingAsync(string name, string? account = Account, JsonNode? callerData = null)
    {
        var leg = new LegId($"leg{++_legs}");
        if (callerData is not null)
        {
            _connections["parent"] = new Connection("parent", Account, "webrtc:x", "y", "incoming", ConnectionStatus.Connected, default) { ClientData = callerData };
            _connections[leg.Value] = new Connection(leg.Value, Account, "webrtc:x", "y", "outgoing", ConnectionStatus.Connecting, default) { ParentId = "parent" };
        }

        Board.Ring(new BrowserRing(leg, name, account, "+15550100200", TimeSpan.FromSeconds(60)));
        await SettleAsync();
        return leg;
    }

    /// <summary>Lets everything that has been posted be done, and what that posts.</summary>
    public async Task SettleAsync()
    {
        var nobody = new BrowserClient("nobody", CapabilityOf(null), new FakeSocket());
        for (var i = 0; i < 5; i++)
        {
            await Board.ReceiveAsync(nobody, new ClientMessage("nothing", default));
        }
    }

    public async Task PassAsync(TimeSpan time)
    {
        for (var passed = TimeSpan.Zero; passed < time; passed += TimeSpan.FromSeconds(1))
        {
            Time.Advance(TimeSpan.FromSeconds(1));
            await SettleAsync();
        }
    }

    public ValueTask<Connection?> FindAsync(string id, CancellationToken cancellationToken) => new(_connections.GetValueOrDefault(id));

    public async ValueTask DisposeAsync()
    {
        await Board.StopAsync(CancellationToken.None);
        Board.Dispose();
    }
}
