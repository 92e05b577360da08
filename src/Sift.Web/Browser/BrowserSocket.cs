using System.Buffers;
using System.Net.WebSockets;
using System.Threading.Channels;

namespace Sift.Web.Browser;

/// <summary>One WebSocket: reads messages within limits, logs the client in, and sends what is queued for it.</summary>
internal sealed class BrowserSocket : IBrowserSocket
{
    private const int LongestQueue = 256;
    private const int LongestReason = 100;

    private static readonly TimeSpan CloseTime = TimeSpan.FromSeconds(5);

    private readonly WebSocket _socket;
    private readonly Switchboard _switchboard;
    private readonly LoginDesk _desk;
    private readonly BrowserLimits _limits;
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _broken = new();
    private readonly Channel<byte[]> _outbox = Channel.CreateBounded<byte[]>(new BoundedChannelOptions(LongestQueue) { SingleReader = true });
    private (SocketClose Code, string Reason)? _closing;
    private double _allowance;
    private long _refilledAt;

    public BrowserSocket(WebSocket socket, Switchboard switchboard, LoginDesk desk, BrowserLimits limits, TimeProvider time)
    {
        _socket = socket;
        _switchboard = switchboard;
        _desk = desk;
        _limits = limits;
        _time = time;
        _allowance = Burst;
        _refilledAt = time.GetTimestamp();
    }

    private double Burst => 10.0 * _limits.MessagesPerSecond;

    public void Send(byte[] message)
    {
        if (!_outbox.Writer.TryWrite(message) && _closing is null)
        {
            // A client that does not read: nothing can be said to it any more.
            _broken.Cancel();
        }
    }

    public void Close(SocketClose code, string reason)
    {
        _closing ??= (code, reason.Length > LongestReason ? reason[..LongestReason] : reason);
        _outbox.Writer.TryComplete();
    }

    /// <summary>Runs until the socket is closed by either side.</summary>
    public async Task RunAsync(System.Net.IPAddress? address, CancellationToken cancellationToken)
    {
        using var _ = _broken;
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _broken.Token);
        var sending = SendAsync(either.Token);
        BrowserClient? client = null;
        try
        {
            client = await LogInAsync(address, either.Token);
            while (client is not null && await ReceiveAsync(either.Token) is { } message)
            {
                if (message.Type == "auth")
                {
                    if (await _desk.VerifyAsync(this, message.Text, address) is { } renewed)
                    {
                        await _switchboard.RenewAsync(client, renewed);
                    }
                }
                else
                {
                    await _switchboard.ReceiveAsync(client, message);
                }
            }
        }
        catch (Exception exception) when (exception is WebSocketException or OperationCanceledException)
        {
            // Gone without a word, or the server stops: Closed below says all there is to say.
            if (cancellationToken.IsCancellationRequested)
            {
                Close(SocketClose.GoingAway, "the server stops");
            }
        }
        finally
        {
            if (client is not null)
            {
                _switchboard.Closed(client, this);
            }

            Close(SocketClose.GoingAway, "");
            await FinishAsync(sending);
        }
    }

    private async Task<BrowserClient?> LogInAsync(System.Net.IPAddress? address, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(_limits.LoginTime, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            if (await ReceiveAsync(either.Token) is not { } message)
            {
                return null;
            }

            if (message.Type != "auth")
            {
                Refuse("the first message must be auth");
                return null;
            }

            return await _desk.VerifyAsync(this, message.Text, address) is { } capability ? await _switchboard.LoginAsync(this, capability) : null;
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            Refuse("no auth came in time");
            return null;
        }
    }

    /// <returns>Null when the client closed or was refused.</returns>
    private async Task<ClientMessage?> ReceiveAsync(CancellationToken cancellationToken)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(4096);
        try
        {
            var length = 0;
            while (true)
            {
                var part = await _socket.ReceiveAsync(buffer.AsMemory(length), cancellationToken);
                if (part.MessageType == WebSocketMessageType.Close)
                {
                    return null;
                }

                length += part.Count;
                if (part.MessageType == WebSocketMessageType.Binary)
                {
                    return Refuse("messages are text", SocketClose.NotText);
                }

                if (length > BrowserLimits.LongestMessage)
                {
                    return Refuse("the message is too long", SocketClose.TooLong);
                }

                if (part.EndOfMessage)
                {
                    break;
                }

                if (length == buffer.Length)
                {
                    var larger = ArrayPool<byte>.Shared.Rent(2 * buffer.Length);
                    buffer.AsSpan(0, length).CopyTo(larger);
                    ArrayPool<byte>.Shared.Return(buffer);
                    buffer = larger;
                }
            }

            if (!IsWithinRate())
            {
                return Refuse("too many messages");
            }

            return ClientMessage.TryRead(buffer.AsMemory(0, length), out var message) ? message : Refuse("a message is a JSON object with a type");
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private bool IsWithinRate()
    {
        var now = _time.GetTimestamp();
        _allowance = Math.Min(Burst, _allowance + (_limits.MessagesPerSecond * _time.GetElapsedTime(_refilledAt, now).TotalSeconds));
        _refilledAt = now;
        return --_allowance >= 0;
    }

    private ClientMessage? Refuse(string reason, SocketClose code = SocketClose.Refused)
    {
        BrowserMetrics.Refused.Add(1);
        Send(ServerMessage.Error("refused", reason));
        Close(code, reason);
        return null;
    }

    private async Task SendAsync(CancellationToken cancellationToken)
    {
        try
        {
            await foreach (var message in _outbox.Reader.ReadAllAsync(cancellationToken))
            {
                await _socket.SendAsync(message, WebSocketMessageType.Text, WebSocketMessageFlags.EndOfMessage, cancellationToken);
            }

            if (_closing is var (code, reason) && _socket.State is WebSocketState.Open or WebSocketState.CloseReceived)
            {
                await _socket.CloseOutputAsync((WebSocketCloseStatus)code, reason, cancellationToken);
            }
        }
        catch (Exception exception) when (exception is WebSocketException or OperationCanceledException)
        {
            _socket.Abort();
        }
    }

    /// <summary>Lets the last messages out and waits for the client's own close, within reason.</summary>
    private async Task FinishAsync(Task sending)
    {
        using var limit = new CancellationTokenSource(CloseTime, _time);
        try
        {
            await sending.WaitAsync(limit.Token);
            var rest = new byte[1024];
            while (_socket.State == WebSocketState.CloseSent)
            {
                await _socket.ReceiveAsync(rest.AsMemory(), limit.Token);
            }
        }
        catch (Exception exception) when (exception is WebSocketException or OperationCanceledException)
        {
            _socket.Abort();
        }
    }
}
