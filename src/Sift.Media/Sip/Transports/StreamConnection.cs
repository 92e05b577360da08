using System.Buffers;
using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;
using Sift.Protocols.Sip.Messages;
using Sift.Protocols.Sip.Transactions;

namespace Sift.Media.Sip.Transports;

/// <summary>One TCP or TLS connection. Reused for everything that goes to its peer (RFC 5626), closed when idle or broken.</summary>
internal sealed class StreamConnection
{
    /// <summary>A peer that does not read is cut off rather than buffered for without end.</summary>
    private const int MaxQueuedBytes = 1024 * 1024;

    private const int ReadBytes = 8 * 1024;

    private static readonly byte[] Pong = "\r\n"u8.ToArray();

    private readonly ISipInput _input;
    private readonly TimeProvider _time;
    private readonly Channel<byte[]> _outgoing = Channel.CreateUnbounded<byte[]>(new() { SingleReader = true });
    private readonly CancellationTokenSource _stop = new();
    private int _queuedBytes;
    private int _closed;
    private long _lastActivity;

    public StreamConnection(in SipFlow flow, ISipInput input, TimeProvider time)
    {
        Flow = flow;
        _input = input;
        _time = time;
        _lastActivity = time.GetTimestamp();
    }

    public SipFlow Flow { get; }

    public event Action<StreamConnection>? Closed;

    public bool IsClosed => Volatile.Read(ref _closed) != 0;

    public TimeSpan IdleFor => _time.GetElapsedTime(Volatile.Read(ref _lastActivity));

    /// <summary>Queues without blocking. False when the connection is gone.</summary>
    public bool TrySend(ReadOnlySpan<byte> bytes)
    {
        if (IsClosed)
        {
            return false;
        }

        if (Interlocked.Add(ref _queuedBytes, bytes.Length) > MaxQueuedBytes)
        {
            Close("the peer does not read");
            return false;
        }

        return _outgoing.Writer.TryWrite(bytes.ToArray());
    }

    /// <summary>Carries the connection until it ends. Never throws.</summary>
    public async Task RunAsync(Func<CancellationToken, ValueTask<Stream>> open)
    {
        var reason = "closed by the peer";
        try
        {
            var stream = await open(_stop.Token).ConfigureAwait(false);
            await using (stream.ConfigureAwait(false))
            {
                Touch();
                var writing = WriteAsync(stream);
                reason = await ReadAsync(stream).ConfigureAwait(false);
                Close(reason);
                await writing.ConfigureAwait(false);
            }
        }
        catch (Exception e) when (e is IOException or SocketException or ObjectDisposedException or OperationCanceledException
            or TimeoutException or System.Security.Authentication.AuthenticationException)
        {
            reason = e.Message;
        }

        Close(reason);
    }

    public void Close(string reason)
    {
        if (Interlocked.Exchange(ref _closed, 1) != 0)
        {
            return;
        }

        _outgoing.Writer.TryComplete();
        _stop.Cancel();
        Closed?.Invoke(this);
        _input.OnFlowClosed(Flow, reason);
    }

    private async Task<string> ReadAsync(Stream stream)
    {
        using var framer = new SipStreamFramer();
        var buffer = ArrayPool<byte>.Shared.Rent(ReadBytes);
        try
        {
            while (true)
            {
                var length = await stream.ReadAsync(buffer, _stop.Token).ConfigureAwait(false);
                if (length == 0)
                {
                    return "closed by the peer";
                }

                Touch();
                framer.Append(buffer.AsSpan(0, length));
                var isSip = TryDeliver(framer);
                _input.OnReceived();
                if (!isSip)
                {
                    return "the stream is not SIP";
                }
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private bool TryDeliver(SipStreamFramer framer)
    {
        while (true)
        {
            var frame = framer.Next();
            switch (frame.Kind)
            {
                case SipFrameKind.None:
                    return true;
                case SipFrameKind.Message:
                    _input.OnBytes(Flow, frame.Bytes);
                    break;
                case SipFrameKind.Ping:
                    TrySend(Pong);
                    break;
                case SipFrameKind.Pong:
                    break;
                case SipFrameKind.Broken:
                    return false;
            }
        }
    }

    private async Task WriteAsync(Stream stream)
    {
        try
        {
            await foreach (var bytes in _outgoing.Reader.ReadAllAsync(CancellationToken.None).ConfigureAwait(false))
            {
                await stream.WriteAsync(bytes, _stop.Token).ConfigureAwait(false);
                Interlocked.Add(ref _queuedBytes, -bytes.Length);
                Touch();
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or OperationCanceledException)
        {
            Close(e.Message);
        }
    }

    private void Touch() => Volatile.Write(ref _lastActivity, _time.GetTimestamp());
}
