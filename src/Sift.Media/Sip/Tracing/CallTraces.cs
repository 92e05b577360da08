using System.Net;
using System.Text;
using Sift.Media.Legs;

namespace Sift.Media.Sip.Tracing;

/// <summary>
/// Keeps the last SIP messages of calls in memory, so that people can see what went over the wire. Everything is bounded: calls, messages per
/// call, bytes per message, samples per leg; the oldest call goes first. A message costs one copy of its bytes.
/// </summary>
public sealed class CallTraces : ISipTrace
{
    internal const int MostCalls = 4096;
    internal const int MostMessages = 64;
    internal const int LongestMessage = 8 * 1024;

    private const int MostRefusals = 100;
    private const int MostSamples = 720;

    private readonly TimeProvider _time;
    private readonly Lock _lock = new();
    private readonly Dictionary<string, CallEntry> _calls = new(StringComparer.Ordinal);
    private readonly Queue<CallEntry> _age = new();
    private readonly Dictionary<LegId, LegEntry> _legs = [];
    private readonly Queue<(CallEntry Call, DateTimeOffset At, int Status, string Reason)> _refused = new();

    /// <param name="time">Stamps the messages.</param>
    public CallTraces(TimeProvider time) => _time = time;

    /// <summary>Calls that were refused before they became legs, newest first.</summary>
    public IReadOnlyList<RefusedCall> Refused
    {
        get
        {
            lock (_lock)
            {
                return [.. _refused.Reverse().Select(static entry => new RefusedCall(entry.At, entry.Call.CallId, entry.Status, entry.Reason, [.. entry.Call.Messages.Select(Show)]))];
            }
        }
    }

    /// <inheritdoc/>
    public void OnMessage(string transport, IPEndPoint remote, bool received, ReadOnlySpan<byte> message)
    {
        if (CallIdText.Of(message) is not { } callId)
        {
            return;
        }

        var begins = message.StartsWith("INVITE "u8);
        var at = _time.GetUtcNow();
        lock (_lock)
        {
            if (!_calls.TryGetValue(callId, out var call))
            {
                // Registrations and probes are no calls.
                if (!begins)
                {
                    return;
                }

                call = Add(callId);
            }

            if (call.Messages.Count >= MostMessages)
            {
                call.Dropped++;
                return;
            }

            call.Messages.Add(new RawMessage(at, received, remote, transport, message[..Math.Min(message.Length, LongestMessage)].ToArray()));
        }
    }

    /// <inheritdoc/>
    public void OnLeg(string callId, LegId leg)
    {
        lock (_lock)
        {
            if (_calls.TryGetValue(callId, out var call) && call.Leg is null)
            {
                call.Leg = leg;
                LegOf(leg).Calls.Add(call);
            }
        }
    }

    /// <inheritdoc/>
    public void OnRefused(string callId, int status, string reason)
    {
        lock (_lock)
        {
            if (_calls.TryGetValue(callId, out var call))
            {
                AddRefused(call, status, reason);
            }
        }
    }

    /// <inheritdoc/>
    public void OnQuality(LegId leg, LegQuality sample)
    {
        lock (_lock)
        {
            var samples = LegOf(leg).Samples;
            if (samples.Count < MostSamples)
            {
                samples.Add(new QualitySample(_time.GetUtcNow(), sample));
            }
        }
    }

    /// <summary>A leg was refused before anybody took its call: it belongs to no account.</summary>
    public void Refuse(LegId leg, int status, string reason)
    {
        lock (_lock)
        {
            if (_legs.TryGetValue(leg, out var entry) && entry.Calls is [var call, ..])
            {
                AddRefused(call, status, reason);
            }
        }
    }

    /// <summary>What passed by of a leg so far; null when nothing is known of it.</summary>
    public TracedLeg? Find(LegId leg)
    {
        RawMessage[] messages;
        QualitySample[] samples;
        int dropped;
        lock (_lock)
        {
            if (!_legs.TryGetValue(leg, out var entry))
            {
                return null;
            }

            messages = [.. entry.Calls.SelectMany(static call => call.Messages).OrderBy(static message => message.At)];
            samples = [.. entry.Samples];
            dropped = entry.Calls.Sum(static call => call.Dropped);
        }

        return new TracedLeg([.. messages.Select(Show)], samples, dropped);
    }

    /// <summary>Forgets a leg; what it was is handed out once more.</summary>
    public TracedLeg? Take(LegId leg)
    {
        var found = Find(leg);
        lock (_lock)
        {
            if (_legs.Remove(leg, out var entry))
            {
                foreach (var call in entry.Calls)
                {
                    _calls.Remove(call.CallId);
                }
            }
        }

        return found;
    }

    private static TracedMessage Show(RawMessage message) =>
        new(message.At, message.Received, message.Remote.ToString(), message.Transport, TraceMask.Apply(Encoding.UTF8.GetString(message.Bytes)));

    private void AddRefused(CallEntry call, int status, string reason)
    {
        _refused.Enqueue((call, _time.GetUtcNow(), status, reason));
        if (_refused.Count > MostRefusals)
        {
            _refused.Dequeue();
        }
    }

    private CallEntry Add(string callId)
    {
        while (_age.Count >= MostCalls && _age.TryDequeue(out var oldest))
        {
            _calls.Remove(oldest.CallId);
            if (oldest.Leg is { } leg)
            {
                _legs.Remove(leg);
            }
        }

        var call = new CallEntry(callId);
        _calls.Add(callId, call);
        _age.Enqueue(call);
        return call;
    }

    private LegEntry LegOf(LegId leg)
    {
        if (!_legs.TryGetValue(leg, out var entry))
        {
            _legs.Add(leg, entry = new LegEntry());
        }

        return entry;
    }

    private readonly record struct RawMessage(DateTimeOffset At, bool Received, IPEndPoint Remote, string Transport, byte[] Bytes);

    private sealed class CallEntry(string callId)
    {
        public string CallId { get; } = callId;

        public List<RawMessage> Messages { get; } = [];

        public int Dropped { get; set; }

        public LegId? Leg { get; set; }
    }

    private sealed class LegEntry
    {
        public List<CallEntry> Calls { get; } = [];

        public List<QualitySample> Samples { get; } = [];
    }
}
