using System.Collections.Concurrent;
using System.Net;
using Microsoft.Extensions.Logging;

namespace Sift.Media.Sip;

/// <summary>Counts what was refused and why, and logs it without letting a flood fill the log.</summary>
internal sealed partial class SipRefusals(ILogger logger, TimeProvider time)
{
    private static readonly TimeSpan LogInterval = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<string, long> _counts = new();
    private long _lastLog;
    private long _unlogged;

    /// <summary>Refusals since the start, by reason.</summary>
    public IReadOnlyDictionary<string, long> Counts => _counts;

    public void Count(string reason, IPEndPoint? source)
    {
        _counts.AddOrUpdate(reason, 1, static (_, count) => count + 1);
        if (_lastLog != 0 && time.GetElapsedTime(_lastLog) < LogInterval)
        {
            _unlogged++;
            return;
        }

        _lastLog = time.GetTimestamp();
        Log.Refused(logger, reason, source, _unlogged);
        _unlogged = 0;
    }

    private static partial class Log
    {
        [LoggerMessage(EventId = 2161, Level = LogLevel.Information, Message = "SIP refused: {Reason}, from {Source} ({Unlogged} more not logged)")]
        public static partial void Refused(ILogger logger, string reason, IPEndPoint? source, long unlogged);
    }
}
