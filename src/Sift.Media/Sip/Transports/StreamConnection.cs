using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;
using Sift.Protocols.Sip.Transactions;

namespace Sift.Media.Sip.Transports;

/// <summary>One TCP or TLS connection. Reused for everything that goes to its peer (RFC 5626), closed when idle or broken.</summary>
internal sealed class StreamConnection
{
    /// <summary>A peer that does not read is cut off rather than buffered for without end.</summary>
    private const int MaxQueuedBytes = 1024 * 1024;

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
        var reader = PipeReader.Create(stream, new StreamPipeReaderOptions(bufferSize: 8 * 1024, leaveOpen: true));
        try
        {
            while (true)
            {
                var read = await reader.ReadAsync(_stop.Token).ConfigureAwait(false);
                Touch();
                if (!TryDeliver(read.Buffer, out var consumed))
                {
                    return "the stream is not SIP";
                }

                reader.AdvanceTo(consumed, read.Buffer.End);
                if (read.IsCompleted)
                {
                    return "closed by the peer";
                }
            }
        }
        finally
        {
            await reader.CompleteAsync().ConfigureAwait(false);
        }
    }

    private bool TryDeliver(in ReadOnlySequence<byte> buffer, out SequencePosition consumed)
    {
        byte[]? joined = null;
        var length = (int)buffer.Length;
        try
        {
            ReadOnlySpan<byte> bytes;
            if (buffer.IsSingleSegment)
            {
                bytes = buffer.FirstSpan;
            }
            else
            {
                joined = ArrayPool<byte>.Shared.Rent(length);
                buffer.CopyTo(joined);
                bytes = joined.AsSpan(0, length);
            }

            var at = 0;
            while (true)
            {
                var frame = StreamFramer.Next(bytes[at..], out var taken);
                if (frame is StreamFrame.Broken)
                {
                    consumed = buffer.GetPosition(at);
                    return false;
                }

                if (frame is StreamFrame.Incomplete)
                {
                    consumed = buffer.GetPosition(at);
                    return true;
                }

                if (frame is StreamFrame.Ping)
                {
                    TrySend(Pong);
                }
                else if (frame is StreamFrame.Message)
                {
                    _input.OnBytes(Flow, bytes.Slice(at, taken));
                }

                at += taken;
            }
        }
        finally
        {
            if (joined is not null)
            {
                ArrayPool<byte>.Shared.Return(joined);
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
