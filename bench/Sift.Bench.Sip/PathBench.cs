using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging.Abstractions;
using Sift.Media;
using Sift.Media.Audio;
using Sift.Media.Legs;
using Sift.Media.Rtp;
using Sift.Media.Sip;
using Sift.Media.Sip.Tracing;

namespace Sift.Bench.Sip;

/// <summary>
/// The whole SIP side with its threads, sockets, RTP ports, SDP and legs, without an engine above: each call is answered at once and
/// hung up by the caller. CPU is told per thread, from the kernel's own count.
/// </summary>
internal static class PathBench
{
    private const int WarmCalls = 500;

    public static void Run(int calls, int rate)
    {
        using var engine = new MediaEngine(
            new MediaEngineOptions { PortMin = 20000, PortMax = 49999, Threads = 1 }, new SystemEntropy(), TimeProvider.System, NullLogger<MediaEngine>.Instance);
        var legs = new SipLegs(
            new SipOptions { Port = 0, BenchEnabled = true },
            engine,
            new NoAudio(),
            new SystemEntropy(),
            TimeProvider.System,
            NullLogger<SipLegs>.Instance,
            new CallTraces(TimeProvider.System));
        var control = new AnswerAll(legs);
        legs.Start(control);
        engine.Start();
        using var caller = new UdpCaller(legs.LocalEndPoint!.Port);
        caller.Play(WarmCalls, rate);

        var before = ThreadClock.Read();
        var allocated = GC.GetTotalAllocatedBytes(precise: true);
        var own = GC.GetAllocatedBytesForCurrentThread();
        caller.Play(calls, rate);
        own = GC.GetAllocatedBytesForCurrentThread() - own;
        allocated = (GC.GetTotalAllocatedBytes(precise: true) - allocated - own) / calls;
        var spent = ThreadClock.Since(before);
        Console.WriteLine($"path: {calls} calls at {rate}/s, {spent.Values.Sum() / 1000.0 / calls:0} us CPU and {allocated:N0} bytes per call, RTP ports and SDP included; events told {control.Told}");
        foreach (var (name, nanos) in spent.Where(static thread => thread.Value > 0).OrderByDescending(static thread => thread.Value).Take(8))
        {
            Console.WriteLine($"  {nanos / 1000.0 / calls,7:0.0} us per call on {name}");
        }

        legs.DisposeAsync().AsTask().GetAwaiter().GetResult();
    }

    private sealed class AnswerAll(SipLegs legs) : ILegEvents
    {
        private int _told;

        public int Told => _told;

        public void OnLegEvent(LegEvent legEvent)
        {
            Interlocked.Increment(ref _told);
            if (legEvent is LegIncoming incoming)
            {
                legs.Post(new AnswerLeg(incoming.Leg));
            }
        }
    }

    private sealed class NoAudio : IAudioSources
    {
        public IAudioSource Open(PlaySource source, int sampleRate, CancellationToken cancellationToken) => throw new NotSupportedException();
    }

    /// <summary>Places calls one after another at a steady rate, each INVITE, ACK, BYE.</summary>
    private sealed class UdpCaller : IDisposable
    {
        private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        private readonly CallText _text;
        private readonly byte[] _buffer = new byte[4096];
        private int _number;

        public UdpCaller(int serverPort)
        {
            _socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
            _socket.Connect(new IPEndPoint(IPAddress.Loopback, serverPort));
            _socket.ReceiveTimeout = 2000;
            _text = new(serverPort, ((IPEndPoint)_socket.LocalEndPoint!).Port, 19998);
        }

        public void Play(int calls, int rate)
        {
            var start = Stopwatch.GetTimestamp();
            using var never = new ManualResetEventSlim();
            for (var i = 0; i < calls; i++)
            {
                var wait = TimeSpan.FromSeconds((double)i / rate) - Stopwatch.GetElapsedTime(start);
                if (wait > TimeSpan.Zero)
                {
                    never.Wait(wait);
                }

                _text.BeginCall(++_number);
                _socket.Send(_text.Invite);
                var answer = Await("SIP/2.0 200 "u8);
                _text.Answered(_number, CallText.ToTagOf(answer));
                _socket.Send(_text.Ack);
                _socket.Send(_text.Bye);
                Await("SIP/2.0 200 "u8);
            }
        }

        public void Dispose() => _socket.Dispose();

        private ReadOnlySpan<byte> Await(ReadOnlySpan<byte> status)
        {
            while (true)
            {
                var message = _buffer.AsSpan(0, _socket.Receive(_buffer));
                if (message.StartsWith(status) && CallText.NumberOf(message) == _number)
                {
                    return message;
                }
            }
        }
    }
}
