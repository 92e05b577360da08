using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Sift.Media.Rtp;
using Sift.Media.Sip;
using Sift.Protocols.Rtp;

namespace Sift.Media.WebRtc;

/// <summary>What the reactor hands datagrams to.</summary>
internal interface IDatagramInput
{
    void OnDatagram(ReadOnlySpan<byte> datagram, TransportAddress source, long stamp);
}

/// <summary>
/// The thread of the shared port: reads it, runs what others post, and fires timers. Everything that belongs to browser legs is touched
/// here only; audio is passed on to the media threads.
/// </summary>
internal sealed partial class BrowserReactor : IDisposable
{
    private static readonly TimeSpan LongestSleep = TimeSpan.FromSeconds(10);

    // Commands get their turn between rounds of a flood.
    private const int RoundsPerTurn = 16;

    private readonly ConcurrentQueue<Action> _mailbox = new();
    private readonly ReactorTimers _timers = new();
    private readonly ISharedSocket _socket;
    private readonly DatagramBatch _batch;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly long _start;
    private IDatagramInput? _input;
    private Thread? _thread;
    private int _sleeping;
    private volatile bool _stopped;

    public BrowserReactor(ISharedSocket socket, DatagramBatch batch, TimeProvider time, ILogger logger)
    {
        _socket = socket;
        _batch = batch;
        _time = time;
        _logger = logger;
        _start = time.GetTimestamp();
    }

    /// <summary>Time since the reactor was made.</summary>
    public TimeSpan Now => _time.GetElapsedTime(_start);

    /// <summary>Tests attach and then call <see cref="RunOnce"/> themselves.</summary>
    public void Attach(IDatagramInput input) => _input = input;

    public void Start()
    {
        _thread = new Thread(Loop) { IsBackground = true, Name = "browser-port" };
        _thread.Start();
    }

    public void Post(Action work)
    {
        _mailbox.Enqueue(work);

        // Waking is a system call; a busy reactor finds the entry without one.
        if (Interlocked.Exchange(ref _sleeping, 0) == 1 && !_stopped)
        {
            _socket.Wake();
        }
    }

    /// <summary>On the reactor only.</summary>
    public ReactorTimer After(TimeSpan delay, Action due) => _timers.Add(Now + delay, due);

    /// <summary>Handles what is there now: posted work, datagrams, timers.</summary>
    public void RunOnce()
    {
        RunMailbox();
        int count;
        var rounds = 0;
        do
        {
            count = _socket.Receive(_batch);
            for (var i = 0; i < count; i++)
            {
                Hand(i);
            }
        }
        while (count == DatagramBatch.Size && ++rounds < RoundsPerTurn);

        RunMailbox();
        try
        {
            _timers.Run(Now);
        }
#pragma warning disable CA1031 // The loop that owns the work: one broken leg must not take the others down.
        catch (Exception e)
#pragma warning restore CA1031
        {
            LogFailed(e, "timer");
        }
    }

    public void Dispose()
    {
        _stopped = true;
        _socket.Wake();
        if (_thread is { IsAlive: true } thread && thread != Thread.CurrentThread)
        {
            thread.Join(TimeSpan.FromSeconds(2));
        }

        _socket.Dispose();
        _batch.Dispose();
    }

    private void Loop()
    {
        while (!_stopped)
        {
            RunOnce();
            Interlocked.Exchange(ref _sleeping, 1);
            if (_mailbox.IsEmpty && !_stopped)
            {
                var sleep = _timers.Deadline is { } deadline ? deadline - Now : LongestSleep;
                _socket.Wait(sleep < TimeSpan.Zero ? TimeSpan.Zero : sleep < LongestSleep ? sleep : LongestSleep);
            }

            Interlocked.Exchange(ref _sleeping, 0);
        }
    }

    private void RunMailbox()
    {
        while (_mailbox.TryDequeue(out var work))
        {
            try
            {
                work();
            }
#pragma warning disable CA1031 // As above.
            catch (Exception e)
#pragma warning restore CA1031
            {
                LogFailed(e, "command");
            }
        }
    }

    private void Hand(int index)
    {
        try
        {
            _input!.OnDatagram(_batch[index], _batch.Sources[index], _batch.Stamps[index]);
        }
#pragma warning disable CA1031 // As above.
        catch (Exception e)
#pragma warning restore CA1031
        {
            LogFailed(e, "datagram");
        }
    }

    [LoggerMessage(EventId = 3201, Level = LogLevel.Error, Message = "A {Kind} of the browser port failed")]
    private partial void LogFailed(Exception exception, string kind);
}
