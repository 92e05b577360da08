using Sift.Media.Rtp;
using Sift.Protocols.Rtp;

namespace Sift.Media.Tests.Rtp;

public sealed class ReceptionTests : IDisposable
{
    private readonly MediaBench _bench = new();

    public void Dispose() => _bench.Dispose();

    [Fact]
    public void Comfort_noise_keeps_the_session_alive_and_plays_as_silence()
    {
        var (session, phone, events) = _bench.Call(30000);
        var tap = new LoudestTap();
        session.Tap(tap);
        phone.Talking = false;
        for (var i = 0; i < 120; i++)
        {
            phone.Send(13, [0x40], phone.Now);
            _bench.Run(10);
        }

        Assert.Equal(["first"], events.Events);
        Assert.Equal(0, tap.Loudest);
    }

    [Fact]
    public void Unknown_payload_types_and_garbage_are_refused_and_open_no_path()
    {
        var (session, phone, events) = _bench.Call(30000);
        phone.Talking = false;
        for (var i = 0; i < 10; i++)
        {
            phone.Send(96, new byte[160], phone.Now);
            _bench.Run(1);
        }

        Assert.Empty(events.Events);
        Assert.Equal(10, session.Stream.Inlet.Refused);
        Assert.False(session.Stream.Inlet.Latch.Learned);
    }

    [Fact]
    public void A_different_payload_type_each_way_is_understood()
    {
        var (session, phone, events) = _bench.Call(30000, p => p with { ReceivePayloadType = 96 });
        phone.Talking = false;
        phone.Send(96, new byte[160], phone.Now);
        _bench.Run(1);
        Assert.Equal(["first"], events.Events);
        Assert.All(phone.Heard, p => Assert.Equal(0, p.Header.PayloadType));
    }

    [Fact]
    public void A_new_ssrc_in_mid_call_is_heard_at_once()
    {
        var (session, phone, _) = _bench.Call(30000);
        var tap = new LoudestTap();
        phone.ToneHertz = 440;
        _bench.Run(50);
        phone.Ssrc = 0x1234;
        session.Tap(tap);
        _bench.Run(10);
        Assert.True(tap.Loudest > 7000);
        Assert.Equal(0x1234u, session.Stream.Inlet.Statistics.Ssrc);
        Assert.Equal(0, session.Stream.Inlet.Statistics.Lost);
    }

    [Fact]
    public void Levels_are_measured_both_ways_when_asked_for()
    {
        var (session, phone, _) = _bench.Call(30000, p => p with { MeterLevels = true });
        phone.ToneHertz = 440;
        _bench.Run(50);

        // A sine of amplitude 8000: 20 log10(8000 / 32768 / sqrt 2) = -15.3 dBov.
        Assert.InRange(session.InputLevel, -15.6f, -15.0f);
        Assert.Equal(-127, session.OutputLevel);
    }

    [Fact]
    public void Reports_carry_a_random_name_loss_and_a_round_trip()
    {
        var (session, phone, events) = _bench.Call(30000);
        string? name = null;
        var lost = false;
        for (var second = 0; second < 30; second++)
        {
            _bench.Run(50);
            while (phone.Control.Arrived.TryDequeue(out var datagram))
            {
                var reader = new RtcpReader(datagram.Data);
                Assert.True(reader.Read());
                Assert.True(SenderReport.TryParse(reader.Body, out var report));
                Assert.Equal(phone.Heard[^1].Header.Ssrc, report.Ssrc);
                lost |= reader.TryReadBlock(0, out var block) && block.Ssrc == phone.Ssrc;
                Assert.True(reader.Read());
                name = System.Text.Encoding.ASCII.GetString(reader.CanonicalName());

                // Answer as a phone does, a tenth of a second after; the network in memory has no delay of its own.
                var answer = new byte[128];
                var writer = new RtcpWriter(answer);
                writer.ReceiverReport(phone.Ssrc, new ReportBlock(report.Ssrc, 0, 0, 0, 0, NtpTime.Middle(report.NtpTimestamp), 0));
                phone.Control.Send(answer.AsSpan(0, writer.Length), MemoryNetwork.Address(session.LocalPort + 1));
            }
        }

        session.Close();
        _bench.Run(1);
        Assert.True(lost);
        Assert.Matches("^[0-9a-f]{16}$", name);
        Assert.InRange(events.Quality!.RoundTrip!.Value.TotalMilliseconds, 1, 1200);
    }

    private sealed class LoudestTap : IAudioTap
    {
        public int Loudest { get; private set; }

        public void OnFrame(ReadOnlySpan<short> received, ReadOnlySpan<short> sent, int sampleRate)
        {
            foreach (var sample in received)
            {
                Loudest = Math.Max(Loudest, Math.Abs((int)sample));
            }
        }
    }
}
