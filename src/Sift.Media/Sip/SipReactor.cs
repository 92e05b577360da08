using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Sift.Media.Sip.Tracing;
using Sift.Media.Sip.Transports;
using Sift.Protocols.Sip.Messages;
using Sift.Protocols.Sip.Transactions;

namespace Sift.Media.Sip;

/// <summary>What a reactor runs: everything in it is touched by one thread only.</summary>
internal interface ISipReactorHost
{
    /// <summary>When <see cref="OnTimer"/> is due; null for never.</summary>
    TimeSpan? Deadline { get; }

    void OnInput(in SipInput input, TimeSpan now);

    void OnTimer(TimeSpan now);
}

/// <summary>
/// The single consumer loop that owns a SIP core: messages are parsed by the threads that receive them, then queue here with leg
/// commands and media events. Partition by Call-ID by running several.
/// </summary>
internal sealed partial class SipReactor : ISipInput, IDisposable
{
    private static readonly TimeSpan LongestSleep = TimeSpan.FromSeconds(10);

    private readonly ConcurrentQueue<SipInput> _mailbox = new();
    private readonly AutoResetEvent _wake = new(false);
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly long _start;
    private ISipReactorHost? _host;
    private Thread? _thread;
    private int _sleeping;
    private volatile bool _stopped;

    public SipReactor(TimeProvider time, ILogger logger)
    {
        _time = time;
        _logger = logger;
        _start = time.GetTimestamp();
    }

    /// <summary>Time since the reactor was made; the clock of the core.</summary>
    public TimeSpan Now => _time.GetElapsedTime(_start);

    /// <summary>Sees what is received; null for nobody. Set before <see cref="Start"/>.</summary>
    public ISipTrace? Trace { get; set; }

    public bool IsOnReactorThread => Thread.CurrentThread == _thread;

    /// <summary>Gives the reactor what it runs; tests then call <see cref="RunOnce"/> themselves.</summary>
    public void Attach(ISipReactorHost host) => _host = host;

    public void Start()
    {
        _thread = new Thread(Loop) { IsBackground = true, Name = "sip-reactor" };
        _thread.Start();
    }

    public void Post(Action work) => Post(new SipInput(SipInputKind.Work, work, default, SipParseError.None));

    public void OnBytes(in SipFlow flow, ReadOnlySpan<byte> bytes)
    {
        if (SipParser.TryParse(bytes, out var message, out var error))
        {
            Trace?.OnMessage(flow.ViaTransport, flow.Local, flow.Remote, received: true, bytes);
            Post(new SipInput(SipInputKind.Message, message, flow, SipParseError.None));
        }
        else if (error != SipParseError.KeepAlive)
        {
            Post(new SipInput(SipInputKind.Unparsable, message, flow, error));
        }
    }

    public void OnFlowClosed(in SipFlow flow, string reason)
    {
        Log.FlowClosed(_logger, flow.Remote, reason);
        Post(new SipInput(SipInputKind.FlowClosed, null, flow, SipParseError.None));
    }

    /// <summary>Handles what is due now: all queued inputs, then timers.</summary>
    public void RunOnce()
    {
        var host = _host!;
        while (_mailbox.TryDequeue(out var input))
        {
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
    }

    public void Dispose()
    {
        if (_stopped)
        {
            return;
        }

        _stopped = true;
        _wake.Set();
        if (_thread is { IsAlive: true } && !IsOnReactorThread)
        {
            _thread.Join(TimeSpan.FromSeconds(2));
        }

        _wake.Dispose();
    }

    private void Post(in SipInput input)
    {
        _mailbox.Enqueue(input);

        // Setting an event is a system call; a busy reactor finds the entry without one.
        if (Interlocked.Exchange(ref _sleeping, 0) == 1 && !_stopped)
        {
            _wake.Set();
        }
    }

    private void Loop()
    {
        while (!_stopped)
        {
            RunOnce();
            Interlocked.Exchange(ref _sleeping, 1);
            if (_mailbox.IsEmpty)
            {
                var sleep = _host!.Deadline is { } deadline ? deadline - Now : LongestSleep;
                if (sleep > TimeSpan.Zero)
                {
                    // Rounded up: waking a moment early would spin until the deadline.
                    _wake.WaitOne((int)Math.Ceiling(Math.Min(sleep.TotalMilliseconds, LongestSleep.TotalMilliseconds)));
                }
            }

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
