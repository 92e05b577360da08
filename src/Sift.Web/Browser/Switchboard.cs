using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Threading.Channels;
using Sift.Activities.Connections;
using Sift.Media.WebRtc;

namespace Sift.Web.Browser;

/// <summary>
/// Knows every browser that is logged in and what each is doing, and brings what they say to their legs and back. One loop owns all of it:
/// whatever comes from sockets, legs and timers is done in turn, so nothing here is locked.
/// </summary>
internal sealed partial class Switchboard(
    Func<IBrowserLegs> legs,
    Func<Capability, ValueTask<bool>> holds,
    IConnectionStore connections,
    BrowserLimits limits,
    BrowserOptions options,
    TimeProvider time,
    ILogger<Switchboard> logger) : BackgroundService, IBrowserSignalling
{
    private static readonly TimeSpan SweepInterval = TimeSpan.FromSeconds(1);

    private readonly Channel<Func<ValueTask>> _inbox = Channel.CreateUnbounded<Func<ValueTask>>(new UnboundedChannelOptions { SingleReader = true });
    private readonly ClientDirectory _clients = new(limits);
    private readonly HashSet<BrowserClient> _away = [];
    private readonly ConcurrentDictionary<string, int> _phones = new(StringComparer.Ordinal);
    private long _checkedAt;

    /// <summary>Sockets that are logged in.</summary>
    public int Count { get; private set; }

    /// <summary>Whether a browser plays the phone of that number now. From any thread.</summary>
    public bool IsVirtualPhone(string number) => _phones.ContainsKey(number);

    /// <summary>Logs a verified capability in and tells the client; null when it was refused and told so.</summary>
    public Task<BrowserClient?> LoginAsync(IBrowserSocket socket, Capability capability) => Ask(() =>
    {
        var (client, refusal) = _clients.Add(capability, socket);
        if (client is null)
        {
            Refuse(socket, refusal!);
            return new ValueTask<BrowserClient?>((BrowserClient?)null);
        }

        Count = _clients.Count;
        BrowserMetrics.Clients.Add(1);
        if (capability.PhoneNumber is { } number)
        {
            _phones.AddOrUpdate(number, 1, static (_, count) => count + 1);
        }

        client.Send(ServerMessage.Accepted);
        client.Send(ServerMessage.Config(client.Session, options.IceServers));
        return new ValueTask<BrowserClient?>(client);
    });

    /// <summary>Another token on a socket that is logged in: the same holder may renew its time and its permissions.</summary>
    public Task RenewAsync(BrowserClient client, Capability capability) => Tell(() =>
    {
        var held = client.Capability;
        if (client.Socket is { } socket)
        {
            if ((held.AccountId, held.ClientName, held.PhoneNumber) == (capability.AccountId, capability.ClientName, capability.PhoneNumber))
            {
                client.Capability = capability;
                socket.Send(ServerMessage.Accepted);
            }
            else
            {
                Refuse(socket, "the token is another holder's");
            }
        }

        return ValueTask.CompletedTask;
    });

    /// <summary>Does what a client says. Completes when it is done: a socket reads no further meanwhile.</summary>
    public Task ReceiveAsync(BrowserClient client, ClientMessage message) => Tell(() => client.Socket is null ? ValueTask.CompletedTask : HandleAsync(client, message));

    /// <summary>The socket is gone. A call goes on for a while, to be resumed.</summary>
    public void Closed(BrowserClient client, IBrowserSocket socket) => Post(() =>
    {
        if (client.Socket == socket)
        {
            client.Socket = null;
            client.LostAt = time.GetTimestamp();
            if (client.Leg is null)
            {
                Drop(client);
            }
            else
            {
                _away.Add(client);
            }
        }

        return ValueTask.CompletedTask;
    });

    [SuppressMessage("Design", "CA1031", Justification = "The loop that owns the work: one client's trouble must not end everybody's.")]
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await using var sweep = time.CreateTimer(_ => Post(SweepAsync), null, SweepInterval, SweepInterval);
        _checkedAt = time.GetTimestamp();
        await foreach (var work in _inbox.Reader.ReadAllAsync(stoppingToken))
        {
            try
            {
                await work();
            }
            catch (Exception problem)
            {
                LogTrouble(problem);
            }
        }
    }

    private async ValueTask SweepAsync()
    {
        foreach (var client in _away.ToArray())
        {
            var patience = client.State == ClientState.Ringing ? limits.RingResumeTime : limits.ResumeTime;
            if (time.GetElapsedTime(client.LostAt) >= patience)
            {
                GiveUp(client, "the browser's connection was lost");
            }
        }

        if (time.GetElapsedTime(_checkedAt) < limits.RecheckInterval)
        {
            return;
        }

        _checkedAt = time.GetTimestamp();
        foreach (var client in _clients.All.Where(static client => client.IsIdle).ToArray())
        {
            await StillHoldsAsync(client);
        }
    }

    /// <summary>
    /// Whether the client's token still holds: an expired token, a disabled account or a rotated secret end the login at the client's next action, an
    /// idle one within seconds.
    /// </summary>
    private async ValueTask<bool> StillHoldsAsync(BrowserClient client)
    {
        if (await holds(client.Capability))
        {
            return true;
        }

        if (client.Leg is { } leg)
        {
            Leave(client, leg, "the token does not hold any more");
            client.Rest();
        }

        if (client.Socket is { } socket)
        {
            Refuse(socket, "the token does not hold any more");
        }

        Drop(client);
        return false;
    }

    private void Drop(BrowserClient client)
    {
        _away.Remove(client);
        client.Socket = null;
        if (_clients.Find(client.Session) is null)
        {
            return;
        }

        _clients.Remove(client);
        Count = _clients.Count;
        BrowserMetrics.Clients.Add(-1);
        if (client.Capability.PhoneNumber is { } number && _phones.AddOrUpdate(number, 0, static (_, count) => count - 1) <= 0)
        {
            _phones.TryRemove(number, out _);
        }
    }

    private void Post(Func<ValueTask> work) => _inbox.Writer.TryWrite(work);

    private Task Tell(Func<ValueTask> work) => Ask(async () =>
    {
        await work();
        return true;
    });

    private Task<T> Ask<T>(Func<ValueTask<T>> question)
    {
        var answer = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        Post(async () =>
        {
            try
            {
                answer.SetResult(await question());
            }
            catch (Exception problem)
            {
                // The asker waits: it must hear of it, and so must the loop's log.
                answer.TrySetException(problem);
                throw;
            }
        });
        return answer.Task;
    }

    private static void Refuse(IBrowserSocket socket, string reason)
    {
        socket.Send(ServerMessage.Auth(reason));
        socket.Close(SocketClose.Refused, reason);
    }

    [LoggerMessage(1300, LogLevel.Error, "A message of a browser or of its leg could not be dealt with")]
    private partial void LogTrouble(Exception problem);

    [LoggerMessage(1301, LogLevel.Information, "Connection {Connection}: the browser has no microphone ({Reason})")]
    private partial void LogNoMicrophone(string connection, string reason);

    [LoggerMessage(1302, LogLevel.Debug, "Connection {Connection}: the browser reports {Quality}")]
    private partial void LogQuality(string connection, string quality);
}
