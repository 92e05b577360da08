using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Sift.Media.Rtp;
using Sift.Media.Sip.Tracing;
using Sift.Media.Sip.Transports;
using Sift.Protocols.Sip.Messages;
using Sift.Protocols.Sip.Transactions;

namespace Sift.Media.Sip;

/// <summary>What a reactor runs: everything in it is touched by one thread at a time.</summary>
internal interface ISipReactorHost
{
    /// <summary>When <see cref="OnTimer"/> is due; null for never.</summary>
    TimeSpan? Deadline { get; }

    void OnInput(in SipInput input, TimeSpan now);

    void OnTimer(TimeSpan now);
}

/// <summary>
/// Owns a SIP core: messages are parsed by the threads that receive them, then queue here with leg commands and media events. Turns are
/// taken one after another, by the reactor's own thread or, when that one sleeps, by the thread that received a datagram or has a command:
/// a message is then answered without waking anybody. Partition by Call-ID by running several.
/// </summary>
internal sealed partial class SipReactor : ISipInput, IDisposable
{
    private static readonly TimeSpan LongestSleep = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan ShortestSleep = TimeSpan.FromMilliseconds(1);

    /// <summary>The own thread wakes for timers on this grid only. The shortest, T1, is 500 ms (RFC 3261 17.1.1.1), and each turn sees to what is due anyway.</summary>
    private static readonly TimeSpan TimerGrid = TimeSpan.FromMilliseconds(100);

    /// <summary>How many inputs a thread that came with something of its own does for all before the own thread goes on.</summary>
    private const int BorrowedInputs = 16;

    private readonly ConcurrentQueue<SipInput> _mailbox = new();
    private readonly ThreadSleep _sleep;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly long _start;
    private ISipReactorHost? _host;
    private Thread? _thread;
    private int _sleeping;

    /// <summary>The managed id of the thread that has the turn; 0 for none.</summary>
    private int _owner;
    private volatile bool _stopped;

    /// <summary>The host's deadline after the last turn, and what the own thread sleeps for; ticks of <see cref="Now"/>, none and not asleep at their ends.</summary>
    private long _deadline = long.MaxValue;
    private long _sleepsUntil = long.MaxValue;

    public SipReactor(TimeProvider time, ILogger logger)
    {
        _time = time;
        _sleep = ThreadSleep.For(time);
        _logger = logger;
        _start = time.GetTimestamp();
    }

    /// <summary>Time since the reactor was made; the clock of the core.</summary>
    public TimeSpan Now => _time.GetElapsedTime(_start);

    /// <summary>Sees what is received; null for nobody. Set before <see cref="Start"/>.</summary>
    public ISipTrace? Trace { get; set; }

    /// <summary>What turns lead to and their threads may do; null when others do it. Set before <see cref="Start"/>.</summary>
    public IFollowUpWork? FollowUp { get; set; }

    /// <summary>Nobody has the turn and nothing waits for one.</summary>
    public bool IsIdle => Volatile.Read(ref _owner) == 0 && _mailbox.IsEmpty;

    /// <summary>Gives the reactor what it runs; tests then call <see cref="RunOnce"/> themselves.</summary>
    public void Attach(ISipReactorHost host) => _host = host;

    public void Start()
    {
        _thread = new Thread(Loop) { IsBackground = true, Name = "sip-reactor" };
        _thread.Start();
    }

    public void Post(Action work) => Post(new SipInput(SipInputKind.Work, work, default, SipParseError.None));

    /// <summary>
    /// As <see cref="Post(Action)"/>, but done before this returns when nobody has the turn: waking another thread costs more than most work does.
    /// Not for threads that must not be kept.
    /// </summary>
    public void Do(Action work)
    {
        _mailbox.Enqueue(new SipInput(SipInputKind.Work, work, default, SipParseError.None));
        TakeTurns(BorrowedInputs);
    }

    public void OnBytes(in SipFlow flow, ReadOnlySpan<byte> bytes)
    {
        if (SipParser.TryParse(bytes, out var message, out var error))
        {
            Trace?.OnMessage(flow.ViaTransport, flow.Local, flow.Remote, received: true, bytes);
            _mailbox.Enqueue(new SipInput(SipInputKind.Message, message, flow, SipParseError.None));
        }
        else if (error != SipParseError.KeepAlive)
        {
            _mailbox.Enqueue(new SipInput(SipInputKind.Unparsable, message, flow, error));
        }
    }

    public void OnReceived(Func<bool>? isFree = null)
    {
        if (isFree is null || FollowUp is not { } followUp)
        {
            TakeTurns(int.MaxValue);
            return;
        }

        followUp.Collect();
        try
        {
            TakeTurns(int.MaxValue);
        }
        finally
        {
            followUp.Finish(isFree);
        }
    }

    public void OnFlowClosed(in SipFlow flow, string reason)
    {
        Log.FlowClosed(_logger, flow.Remote, reason);
        Post(new SipInput(SipInputKind.FlowClosed, null, flow, SipParseError.None));
    }

    /// <summary>Handles what is due now: all queued inputs, then timers.</summary>
    /// <param name="inputs">No more inputs than this.</param>
    /// <returns>How many there were.</returns>
    public int RunOnce(int inputs = int.MaxValue)
    {
        var host = _host!;
        var done = 0;
        while (done < inputs && _mailbox.TryDequeue(out var input))
        {
            done++;
            try
            {
                host.OnInput(input, Now);
            }
#pragma warning disable CA1031 // The loop that owns the work: one broken call must not take the others down.
            catch (Exception e)
#pragma warning restore CA1031
            {
                Log.InputFailed(_logger, e, input.Kind);
            }

            if (host.Deadline <= Now)
            {
                RunTimers(host);
            }
        }

        RunTimers(host);
        return done;
    }

    public void Dispose()
    {
        if (_stopped)
        {
            return;
        }

        _stopped = true;
        _sleep.Wake();
        if (_thread is { IsAlive: true } && Thread.CurrentThread != _thread)
        {
            _thread.Join(TimeSpan.FromSeconds(2));
        }

        if (_thread is not { IsAlive: true })
        {
            _sleep.Dispose();
        }
    }

    private void Post(in SipInput input)
    {
        _mailbox.Enqueue(input);

        // Who has the turn looks into the mailbox again before it gives the turn up for good.
        if (Volatile.Read(ref _owner) != Environment.CurrentManagedThreadId)
        {
            Wake();
        }
    }

    private void TakeTurns(int inputs)
    {
        // The own thread is started last: before that nothing may run.
        while (_thread is not null && inputs > 0 && !_mailbox.IsEmpty && TryTakeTurn(inputs, out var done))
        {
            inputs -= done;
        }

        if (inputs <= 0 || Interlocked.Read(ref _deadline) < Interlocked.Read(ref _sleepsUntil))
        {
            Wake();
        }
    }

    /// <summary>Setting an event is a system call; a busy reactor finds the entry without one.</summary>
    private void Wake()
    {
        if (Interlocked.Exchange(ref _sleeping, 0) == 1 && !_stopped)
        {
            _sleep.Wake();
        }
    }

    /// <summary>False when another thread has the turn; that one looks into the mailbox once more before it goes.</summary>
    private bool TryTakeTurn(int inputs, out int done)
    {
        done = 0;
        if (Interlocked.CompareExchange(ref _owner, Environment.CurrentManagedThreadId, 0) != 0)
        {
            return false;
        }

        done = RunOnce(inputs);
        Interlocked.Exchange(ref _deadline, OnGrid(_host!.Deadline));
        Interlocked.Exchange(ref _owner, 0);
        return true;
    }

    private static long OnGrid(TimeSpan? deadline) =>
        deadline is { } due ? (due.Ticks + TimerGrid.Ticks - 1) / TimerGrid.Ticks * TimerGrid.Ticks : long.MaxValue;

    private void Loop()
    {
        var isFree = () => _mailbox.IsEmpty;
        while (!_stopped)
        {
            FollowUp?.Collect();
            var taken = TryTakeTurn(int.MaxValue, out _);
            FollowUp?.Finish(isFree);
            var deadline = Interlocked.Read(ref _deadline);
            Interlocked.Exchange(ref _sleeping, 1);
            Interlocked.Exchange(ref _sleepsUntil, deadline);

            // A turn elsewhere that ended before this line shows its deadline here; one that ends after it sees how long this thread sleeps.
            if ((_mailbox.IsEmpty || Volatile.Read(ref _owner) != 0) && Interlocked.Read(ref _deadline) >= deadline)
            {
                var sleep = deadline == long.MaxValue ? LongestSleep : TimeSpan.FromTicks(deadline) - Now;
                if (sleep > TimeSpan.Zero || !taken)
                {
                    // Not sleeping while another thread sees to it would spin.
                    _sleep.Sleep(sleep > LongestSleep ? LongestSleep : sleep > ShortestSleep ? sleep : ShortestSleep);
                }
            }

            Interlocked.Exchange(ref _sleepsUntil, long.MaxValue);
            Interlocked.Exchange(ref _sleeping, 0);
        }
    }

    private void RunTimers(ISipReactorHost host)
    {
        try
        {
            host.OnTimer(Now);
        }
#pragma warning disable CA1031 // As above.
        catch (Exception e)
#pragma warning restore CA1031
        {
            Log.TimerFailed(_logger, e);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(EventId = 2131, Level = LogLevel.Error, Message = "SIP {Kind} input failed")]
        public static partial void InputFailed(ILogger logger, Exception exception, SipInputKind kind);

        [LoggerMessage(EventId = 2132, Level = LogLevel.Error, Message = "SIP timer failed")]
        public static partial void TimerFailed(ILogger logger, Exception exception);

        [LoggerMessage(EventId = 2133, Level = LogLevel.Debug, Message = "SIP connection to {Remote} is gone: {Reason}")]
        public static partial void FlowClosed(ILogger logger, System.Net.IPEndPoint remote, string reason);
    }
}
