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
    internal const int MostBytesPerCall = 64 * 1024;
    internal const int MostBytes = 64 * 1024 * 1024;

    private const int MostRefusals = 100;
    private const int MostListed = 200;
    private const int MostSamples = 720;
    private const int UsualMessages = 8;
    private const int LongestCallId = 256;

    private readonly TimeProvider _time;
    private readonly Lock _lock = new();
    private readonly Dictionary<string, CallEntry> _calls = new(StringComparer.Ordinal);
    private readonly Dictionary<string, CallEntry>.AlternateLookup<ReadOnlySpan<char>> _callsByText;
    private readonly LinkedList<CallEntry> _age = [];
    private long _bytes;
    private readonly Dictionary<LegId, LegEntry> _legs = [];
    private readonly Queue<CallEntry> _received = new();
    private readonly Queue<CallEntry> _placed = new();
    private readonly Queue<(CallEntry Call, DateTimeOffset At, int Status, string Reason)> _refused = new();

    /// <param name="time">Stamps the messages.</param>
    public CallTraces(TimeProvider time)
    {
        _time = time;
        _callsByText = _calls.GetAlternateLookup<ReadOnlySpan<char>>();
    }

    /// <summary>Calls that were refused before they became legs, newest first.</summary>
    public IReadOnlyList<RefusedCall> Refused
    {
        get
        {
            lock (_lock)
            {
                return [.. _refused.Reverse().Select(static entry => new RefusedCall(entry.At, entry.Call.CallId, entry.Status, entry.Reason, [.. entry.Call.Messages]))];
            }
        }
    }

    /// <summary>The last calls that came in, newest first.</summary>
    public IReadOnlyList<ReceivedCall> Received
    {
        get
        {
            lock (_lock)
            {
                return [.. _received.Reverse().Select(static call => new ReceivedCall(call.CallId, call.Leg, call.Status, call.Reason, [.. call.Messages]))];
            }
        }
    }

    /// <summary>The last calls that went out, newest first.</summary>
    public IReadOnlyList<PlacedCall> Placed
    {
        get
        {
            lock (_lock)
            {
                return [.. _placed.Reverse().Select(static call => new PlacedCall(call.CallId, call.Leg, [.. call.Messages]))];
            }
        }
    }

    /// <inheritdoc/>
    public void OnMessage(string transport, IPEndPoint local, IPEndPoint remote, bool received, ReadOnlySpan<byte> message)
    {
        var id = CallIdText.Find(message);
        if (id.IsEmpty || id.Length > LongestCallId)
        {
            return;
        }

        Span<char> callId = stackalloc char[LongestCallId];
        callId = callId[..Encoding.UTF8.GetChars(id, callId)];
        var begins = message.StartsWith("INVITE "u8);
        var at = _time.GetUtcNow();
        lock (_lock)
        {
            if (!_callsByText.TryGetValue(callId, out var call))
            {
                // Registrations and probes are no calls.
                if (!begins)
                {
                    return;
                }

                call = Add(callId.ToString());
                var list = received ? _received : _placed;
                list.Enqueue(call);
                if (list.Count > MostListed)
                {
                    list.Dequeue();
                }
            }

            var length = Math.Min(message.Length, LongestMessage);
            if (call.Messages.Count >= MostMessages || call.Bytes + length > MostBytesPerCall)
            {
                call.Dropped++;
                return;
            }

            var kept = message[..length].ToArray();
            TraceMask.Apply(kept);
            call.Messages.Add(new TracedMessage(at, received, local, remote, transport, kept));
            call.Bytes += length;
            _bytes += length;
            MakeRoom(MostCalls);
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
        lock (_lock)
        {
            return _legs.TryGetValue(leg, out var entry)
                ? new TracedLeg([.. entry.Calls.SelectMany(static call => call.Messages).OrderBy(static message => message.At)], [.. entry.Samples], entry.Calls.Sum(static call => call.Dropped))
                : null;
        }
    }

    /// <summary>Forgets a leg.</summary>
    public void Forget(LegId leg)
    {
        lock (_lock)
        {
            if (_legs.Remove(leg, out var entry))
            {
                foreach (var call in entry.Calls)
                {
                    Remove(call);
                }
            }
        }
    }

    private void AddRefused(CallEntry call, int status, string reason)
    {
        call.Status = status;
        call.Reason = reason;
        _refused.Enqueue((call, call.Messages is [var first, ..] ? first.At : _time.GetUtcNow(), status, reason));
        if (_refused.Count > MostRefusals)
        {
            _refused.Dequeue();
        }
    }

    private CallEntry Add(string callId)
    {
        MakeRoom(MostCalls - 1);
        var call = new CallEntry(callId);
        _calls.Add(callId, call);
        call.Place = _age.AddLast(call);
        return call;
    }

    /// <summary>Forgets the oldest calls until no more than that many are left, and no more bytes than may be.</summary>
    private void MakeRoom(int calls)
    {
        while ((_age.Count > calls || _bytes > MostBytes) && _age.First is { Value: var oldest })
        {
            Remove(oldest);
            if (oldest.Leg is { } leg)
            {
                _legs.Remove(leg);
            }
        }
    }

    private void Remove(CallEntry call)
    {
        // A leg may name a call that made room for others long ago.
        if (_calls.TryGetValue(call.CallId, out var known) && known == call)
        {
            _calls.Remove(call.CallId);
            _age.Remove(call.Place!);
            _bytes -= call.Bytes;
        }
    }

    private LegEntry LegOf(LegId leg)
    {
        if (!_legs.TryGetValue(leg, out var entry))
        {
            _legs.Add(leg, entry = new LegEntry());
        }

        return entry;
    }

    private sealed class CallEntry(string callId)
    {
        public string CallId { get; } = callId;

        public List<TracedMessage> Messages { get; } = new(UsualMessages);

        public int Dropped { get; set; }

        /// <summary>Of all its messages.</summary>
        public int Bytes { get; set; }

        public LegId? Leg { get; set; }

        public int? Status { get; set; }

        public string? Reason { get; set; }

        /// <summary>Where it stands by age.</summary>
        public LinkedListNode<CallEntry>? Place { get; set; }
    }

    private sealed class LegEntry
    {
        public List<CallEntry> Calls { get; } = [];

        public List<QualitySample> Samples { get; } = [];
    }
}
