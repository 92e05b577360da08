using System.Buffers;
using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Sift.Media.Rtp;
using Sift.Protocols.Rtp;

namespace Sift.Media.WebRtc.Transport;

/// <summary>
/// The way for browsers whose network lets no UDP out: TCP to the same port number (RFC 6544, passive side), framed by RFC 4571. What
/// arrives is queued for the port's thread like any datagram; a slow receiver loses whole frames, as on a full UDP buffer.
/// </summary>
internal sealed class StreamPeers : IDisposable
{
    private const int MostConnections = 512;
    private const int MostPerAddress = 32;
    private const int MostWaiting = 4096;

    // Checks come every few seconds; a stream that is this long silent is dead or was never a browser's.
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan AcceptPause = TimeSpan.FromMilliseconds(50);

    private readonly Socket _listener;
    private readonly TimeProvider _time;
    private readonly Action _wake;
    private readonly ConcurrentDictionary<uint, Peer> _peers = new();
    private readonly ConcurrentQueue<(TransportAddress From, byte[] Buffer, int Length)> _arrived = new();
    private readonly CancellationTokenSource _stopping = new();
    private uint _last;

    private StreamPeers(Socket listener, TimeProvider time, Action wake)
    {
        _listener = listener;
        _time = time;
        _wake = wake;
        _ = AcceptAsync(_stopping.Token);
    }

    /// <returns>Null when the port is taken.</returns>
    public static StreamPeers? TryListen(IPAddress address, int port, TimeProvider time, Action wake)
    {
        var listener = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            listener.Bind(new IPEndPoint(address, port));
            listener.Listen();
            return new StreamPeers(listener, time, wake);
        }
        catch (SocketException)
        {
            listener.Dispose();
            return null;
        }
    }

    /// <summary>On the port's thread: moves what has arrived into the batch.</summary>
    public int Receive(DatagramBatch batch)
    {
        var count = 0;
        while (count < DatagramBatch.Size && _arrived.TryDequeue(out var datagram))
        {
            datagram.Buffer.AsSpan(0, datagram.Length).CopyTo(batch.Room(count));
            batch.Lengths[count] = datagram.Length;
            batch.Sources[count] = datagram.From;
            batch.Stamps[count] = 0;
            ArrayPool<byte>.Shared.Return(datagram.Buffer);
            count++;
        }

        return count;
    }

    /// <summary>From any thread.</summary>
    public bool Send(ReadOnlySpan<byte> datagram, in TransportAddress destination) =>
        _peers.TryGetValue(destination.Stream, out var peer) && peer.Send(datagram);

    public void Dispose()
    {
        _stopping.Cancel();
        _listener.Dispose();
        foreach (var peer in _peers.Values)
        {
            peer.Dispose();
        }

        _stopping.Dispose();
    }

    private async Task AcceptAsync(CancellationToken stopping)
    {
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                Admit(await _listener.AcceptAsync(stopping).ConfigureAwait(false), stopping);
            }
            catch (SocketException)
            {
                // This one gave up before it was taken, or no descriptor is left: others may have more luck a little later.
                await Task.Delay(AcceptPause, _time, CancellationToken.None).ConfigureAwait(false);
            }
            catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException)
            {
                return;
            }
        }
    }

    private void Admit(Socket socket, CancellationToken stopping)
    {
        try
        {
            var from = TransportAddress.From((IPEndPoint)socket.RemoteEndPoint!) with { Stream = ++_last };
            if (_peers.Count < MostConnections && _peers.Values.Count(p => p.From.SameHost(from)) < MostPerAddress)
            {
                socket.NoDelay = true;
                var peer = new Peer(socket, from);
                _peers[from.Stream] = peer;
                _ = ReadAsync(peer, stopping);
                return;
            }
        }
        catch (SocketException)
        {
            // Gone already.
        }

        socket.Dispose();
    }

    private async Task ReadAsync(Peer peer, CancellationToken stopping)
    {
        var frames = new StreamFrames(DatagramBatch.DatagramSize);
        try
        {
            while (true)
            {
                using var silence = new CancellationTokenSource(Silence, _time);
                using var either = CancellationTokenSource.CreateLinkedTokenSource(silence.Token, stopping);
                var read = await peer.Socket.ReceiveAsync(frames.Room, either.Token).ConfigureAwait(false);
                frames.Added(read);
                if (read == 0 || !Queue(frames, peer.From))
                {
                    return;
                }
            }
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // The stream is over, one way or another; a browser whose call goes on connects again.
        }
        finally
        {
            _peers.TryRemove(peer.From.Stream, out _);
            peer.Dispose();
        }
    }

    private bool Queue(StreamFrames frames, TransportAddress from)
    {
        bool tooLong;
        while (frames.TryNext(out var datagram, out tooLong))
        {
            if (_arrived.Count >= MostWaiting)
            {
                continue;
            }

            var copy = ArrayPool<byte>.Shared.Rent(Math.Max(1, datagram.Length));
            datagram.CopyTo(copy);
            _arrived.Enqueue((from, copy, datagram.Length));
        }

        _wake();
        return !tooLong;
    }

    private sealed class Peer(Socket socket, TransportAddress from) : IDisposable
    {
        private readonly byte[] _frame = new byte[DatagramBatch.DatagramSize + 64];
        private readonly Lock _sending = new();
        private int _unsentFrom;
        private int _unsentTo;

        public Socket Socket => socket;

        public TransportAddress From => from;

        public bool Send(ReadOnlySpan<byte> datagram)
        {
            lock (_sending)
            {
                // A frame once begun has to be finished before the next; until then what is to be sent is lost.
                if (datagram.Length > _frame.Length - 2 || !TrySendRest())
                {
                    return false;
                }

                BinaryPrimitives.WriteUInt16BigEndian(_frame, (ushort)datagram.Length);
                datagram.CopyTo(_frame.AsSpan(2));
                _unsentFrom = 0;
                _unsentTo = datagram.Length + 2;
                TrySendRest();
                return true;
            }
        }

        public void Dispose() => socket.Dispose();

        private bool TrySendRest()
        {
            while (_unsentFrom < _unsentTo)
            {
                try
                {
                    // Accepted sockets block; a poll first keeps the media thread from waiting for a slow browser.
                    if (!socket.Poll(0, SelectMode.SelectWrite))
                    {
                        return false;
                    }

                    _unsentFrom += socket.Send(_frame.AsSpan(_unsentFrom, _unsentTo - _unsentFrom), SocketFlags.None, out var error);
                    if (error is not (SocketError.Success or SocketError.WouldBlock))
                    {
                        return false;
                    }
                }
                catch (Exception e) when (e is SocketException or ObjectDisposedException)
                {
                    return false;
                }
            }

            return true;
        }
    }
}
