using System.Net;
using Sift.Media.Legs;
using Sift.Media.Rtp;
using Sift.Protocols.Rtp;

namespace Sift.Media.Tests.Rtp;

public sealed class MediaSessionTests : IDisposable
{
    private readonly MediaBench _bench = new();
    private readonly ToneOpener _opener = new();

    public void Dispose() => _bench.Dispose();

    [Fact]
    public void Sends_silence_from_the_start_so_that_paths_open()
    {
        var (_, phone, _) = _bench.Call(30000);
        _bench.Run(10);
        Assert.Equal(10, phone.Heard.Count);
        Assert.True(phone.Heard[0].Header.Marker);
        Assert.All(phone.Heard.Skip(1), p => Assert.False(p.Header.Marker));
        Assert.All(phone.Heard.SelectMany(p => p.Payload), b => Assert.Equal(G711.MuLawSilence, b));
    }

    [Fact]
    public void Sources_follow_without_a_gap_and_report_once()
    {
        var (session, phone, events) = _bench.Call(30000);
        session.Play(new Playback(new PlaybackId("p"), [new SpeechSource("500"), new SpeechSource("900")], _opener));
        _bench.Run(25);
        var pcm = phone.HeardPcm();
        Assert.True(Spectrum.Share(pcm.AsSpan(0, 1600), 500) > 0.97);
        Assert.True(Spectrum.Share(pcm.AsSpan(1600, 1600), 900) > 0.97);
        Assert.Equal(["first", "playback p Completed"], events.Events);
        Assert.Equal(2, _opener.Disposed);
    }

    [Fact]
    public void A_key_interrupts_a_prompt_that_allows_it()
    {
        var (session, phone, events) = _bench.Call(30000);
        session.Play(new Playback(new PlaybackId("p"), [new ToneSource(ToneKind.Milliwatt)], _opener, StopOnDigit: true));
        _bench.Run(10);
        phone.Press('4');
        _bench.Run(2);
        Assert.Equal(["first", "playback p Interrupted", "digit 4 TelephoneEvent"], events.Events);
        Assert.Equal(1, _opener.Disposed);
    }

    [Fact]
    public void A_new_playback_stops_the_old_one_and_stopping_names_its_playback()
    {
        var (session, _, events) = _bench.Call(30000);
        session.Play(new Playback(new PlaybackId("1"), [new ToneSource(ToneKind.Milliwatt)], _opener));
        session.Play(new Playback(new PlaybackId("2"), [new ToneSource(ToneKind.Milliwatt)], _opener));
        session.StopPlayback(new PlaybackId("1"));
        _bench.Run(5);
        Assert.Equal(["playback 1 Stopped", "first"], events.Events);
        session.StopPlayback(new PlaybackId("2"));
        _bench.Run(1);
        Assert.Equal("playback 2 Stopped", events.Events[^1]);
    }

    [Fact]
    public void Loops_until_stopped_and_fails_with_the_sources_reason()
    {
        var (session, phone, events) = _bench.Call(30000);
        session.Play(new Playback(new PlaybackId("loop"), [new SpeechSource("500")], _opener, Loop: true));
        _bench.Run(100);
        Assert.True(Spectrum.Share(phone.HeardPcm().AsSpan(^8000..), 500) > 0.97);
        session.Play(new Playback(new PlaybackId("bad"), [new SoundSource(new Uri("http://localhost/x"))], _opener));
        _bench.Run(2);
        Assert.Equal(["first", "playback loop Stopped", "playback bad Failed no such sound"], events.Events);
        session.Play(new Playback(new PlaybackId("empty"), [new SilenceSource(TimeSpan.Zero)], _opener, Loop: true));
        _bench.Run(2);
        Assert.StartsWith("playback empty Failed", events.Events[^1]);
    }

    [Fact]
    public void A_key_signalled_twice_is_reported_once()
    {
        var (session, phone, events) = _bench.Call(30000);
        phone.Press('9');
        _bench.Run(2);
        session.ReportDigit('9', DigitSource.SipInfo);
        _bench.Run(2);
        Assert.Equal("9", events.Digits);
        _bench.Run(50);
        session.ReportDigit('9', DigitSource.SipInfo);
        session.ReportDigit('9', DigitSource.SipInfo);
        _bench.Run(2);
        Assert.Equal("999", events.Digits);
    }

    [Fact]
    public void Keys_go_out_as_events_with_audio_muted()
    {
        var (session, phone, _) = _bench.Call(30000);
        session.Play(new Playback(new PlaybackId("p"), [new ToneSource(ToneKind.Milliwatt)], _opener));
        _bench.Run(5);
        phone.Heard.Clear();
        session.SendDigits("42");
        _bench.Run(8);
        Assert.All(phone.Heard, p => Assert.Equal(101, p.Header.PayloadType));
        _bench.Run(30);
        var receiver = new TelephoneEventReceiver();
        var keys = string.Concat(phone.Heard.Where(p => p.Header.PayloadType == 101).Select(p => receiver.OnPacket(p.Header, p.Payload, TimeSpan.Zero)?.ToString()));
        Assert.Equal("42", keys);
    }

    [Fact]
    public void Tones_are_heard_only_when_events_were_not_negotiated()
    {
        var (_, phone, events) = _bench.Call(30000, p => p with { TelephoneEventPayloadType = null });
        var (sender, _, _) = _bench.Call(30010, p => p with { TelephoneEventPayloadType = null, Remote = new IPEndPoint(IPAddress.Loopback, 20001) });
        phone.Talking = false;
        sender.Configure(MediaBench.Parameters(30010) with { TelephoneEventPayloadType = null });
        var tone = new Sift.Media.Dtmf.DtmfTone(8000);
        var frame = new short[160];
        var payload = new byte[160];
        foreach (var key in "1#")
        {
            tone.Start(key);
            while (tone.Active)
            {
                tone.Read(frame);
                G711.EncodeMuLaw(frame, payload);
                phone.Talk();
                phone.Send(0, payload, phone.Now);
                _bench.Run(1);
            }
        }

        _bench.Run(10);
        Assert.Equal("1#", events.Digits);
        Assert.Contains("digit 1 InBand", events.Events);
    }

    [Fact]
    public void Warns_then_times_out_then_resumes_and_rests_on_hold()
    {
        var (session, phone, events) = _bench.Call(30000);
        _bench.Run(10);
        phone.Talking = false;
        _bench.Run(499);
        Assert.Equal(["first"], events.Events);
        _bench.Run(1);
        Assert.Equal("lost 10", events.Events[^1]);
        _bench.Run(1000);
        Assert.Equal(["first", "lost 10", "timeout 30"], events.Events);
        phone.Talking = true;
        _bench.Run(2);
        Assert.Equal("resumed", events.Events[^1]);
        phone.Talking = false;
        session.Configure(MediaBench.Parameters(30000) with { Direction = MediaDirection.SendOnly });
        _bench.Run(2000);
        Assert.Equal("resumed", events.Events[^1]);
    }

    [Fact]
    public void Follows_a_phone_behind_nat_and_ignores_a_stranger()
    {
        var (session, phone, _) = _bench.Call(30000, p => p with { Remote = new IPEndPoint(IPAddress.Parse("10.1.2.3"), 4000) });
        var stranger = new FarEnd(_bench.Network, 31000, session.LocalPort);
        _bench.Run(120);
        Assert.True(phone.Heard.Count > 110);
        stranger.Talk();
        stranger.Talk();
        stranger.Talk();
        _bench.Run(10);
        stranger.Listen();
        Assert.Empty(stranger.Heard);
    }

    [Fact]
    public void On_hold_nothing_is_sent_but_playback_goes_on()
    {
        var (session, phone, events) = _bench.Call(30000);
        _bench.Run(2);
        session.Configure(MediaBench.Parameters(30000) with { Direction = MediaDirection.Inactive });
        session.Play(new Playback(new PlaybackId("p"), [new SpeechSource("500")], _opener));
        _bench.Run(20);
        Assert.Equal(2, phone.Heard.Count);
        Assert.Contains("playback p Completed", events.Events);
        session.Configure(MediaBench.Parameters(30000));
        _bench.Run(5);
        Assert.Equal(7, phone.Heard.Count);
        Assert.True(phone.Heard[2].Header.Marker);
        Assert.Equal(21u * 160, phone.Heard[2].Header.Timestamp - phone.Heard[1].Header.Timestamp);
    }

    [Fact]
    public async Task A_restored_session_continues_the_stream()
    {
        var (session, phone, _) = _bench.Call(30000);
        _bench.Run(50);
        var pending = session.SnapshotAsync(TestContextToken);
        _bench.Run(1);
        var snapshot = MediaSnapshot.Parse((await pending)!.ToJson())!;
        session.Close();
        _bench.Run(1);
        var last = phone.Heard[^2].Header;
        phone.Heard.Clear();
        _bench.Time.Now += TimeSpan.FromSeconds(2);
        var restored = _bench.Engine.Restore(snapshot, new Recorder())!;
        Assert.Equal(session.LocalPort, restored.LocalPort);
        _bench.Run(3);
        Assert.Equal(3, phone.Heard.Count);
        Assert.Equal(last.Ssrc, phone.Heard[0].Header.Ssrc);
        Assert.InRange(phone.Heard[0].Header.Sequence - last.Sequence, 1, 3);
        Assert.InRange(phone.Heard[0].Header.Timestamp - last.Timestamp, 16000u, 17000u);
    }

    [Fact]
    public async Task A_session_that_is_not_up_has_no_snapshot()
    {
        var session = _bench.Engine.Open(new Recorder())!;
        Assert.Null(await session.SnapshotAsync(TestContextToken));
        session.Close();
        _bench.Run(1);
        Assert.Null(await session.SnapshotAsync(TestContextToken));
    }

    [Fact]
    public void Closing_says_bye_frees_the_ports_and_reports_the_figures()
    {
        var (session, phone, events) = _bench.Call(30000);
        _bench.Run(200);
        session.Close();
        session.Close();
        _bench.Run(1);
        Assert.Equal("closed", events.Events[^1]);
        Assert.Single(events.Events, "closed");
        Assert.Equal(200, events.Quality!.PacketsReceived);
        Assert.Equal(200, events.Quality.PacketsSent);
        Assert.Equal("PCMU", events.Quality.Codec);
        Assert.InRange(events.Quality.MeanOpinionScore!.Value, 4.2, 4.5);
        Assert.Equal(0, _bench.Engine.Ports.InUse);
        var reader = new RtcpReader(phone.Control.Arrived.Last().Data);
        var types = new List<byte>();
        while (reader.Read())
        {
            types.Add(reader.Type);
        }

        Assert.Equal([RtcpType.SenderReport, RtcpType.SourceDescription, RtcpType.Bye], types);
    }

    [Fact]
    public void A_session_that_was_never_configured_can_be_closed()
    {
        var events = new Recorder();
        var session = _bench.Engine.Open(events)!;
        session.Play(new Playback(new PlaybackId("p"), [new ToneSource(ToneKind.Milliwatt)], _opener));
        session.Close();
        _bench.Run(1);
        Assert.Equal("closed", events.Events[^1]);
        Assert.Equal(0, _bench.Engine.Ports.InUse);
        Assert.Null(events.Quality!.MeanOpinionScore);
    }

    [Fact]
    public void The_next_call_on_the_port_hears_nothing_that_was_sent_to_it_before()
    {
        using var bench = new MediaBench(static o => o.PortMax = o.PortMin + 1);
        var (first, phone, _) = bench.Call(30000);
        bench.Run(5);
        first.Close();
        bench.Run(20);
        phone.Control.Send([0x80, 201, 0, 1, 0, 0, 0, 1], MemoryNetwork.Address(first.LocalPort + 1));
        Assert.NotEmpty(bench.Network.Socket(first.LocalPort).Arrived);
        phone.Talking = false;
        bench.Time.Now += bench.Engine.Options.PortReuseDelay;

        var (second, other, events) = bench.Call(30010);
        Assert.Equal(first.LocalPort, second.LocalPort);
        Assert.Empty(bench.Network.Socket(second.LocalPort).Arrived);
        Assert.Empty(bench.Network.Socket(second.LocalPort + 1).Arrived);
        other.Talking = false;
        bench.Run(10);

        Assert.Empty(events.Events);
        Assert.Equal(0, second.Quality.PacketsReceived);
        Assert.Equal(10, other.Heard.Count);
    }

    [Fact]
    public void A_closed_session_sends_nothing_from_the_port_that_another_has_now()
    {
        using var bench = new MediaBench(static o => (o.PortMax, o.PortReuseDelay) = (o.PortMin + 3, TimeSpan.Zero));
        var (first, phone, _) = bench.Call(30000);
        var (partner, _, _) = bench.Call(30010);
        first.Bridge(partner);
        first.Play(new Playback(new PlaybackId("p"), [new ToneSource(ToneKind.Milliwatt)], _opener, Loop: true));
        bench.Run(5);
        first.Close();
        bench.Run(1);
        phone.Talking = false;
        var (heard, reports) = (phone.Heard.Count, phone.Control.Arrived.Count);

        var (second, other, _) = bench.Call(30020);
        bench.Run(10);

        Assert.Equal(first.LocalPort, second.LocalPort);
        Assert.Equal((heard, reports), (phone.Heard.Count, phone.Control.Arrived.Count));
        Assert.Equal(10, other.Heard.Count);
    }

    [Fact]
    public void A_fault_closes_its_own_session_and_no_other()
    {
        var (broken, _, brokenEvents) = _bench.Call(30000);
        var (_, phone, events) = _bench.Call(30010);
        _bench.Run(5);
        broken.Tap(new ThrowingTap());
        _bench.Run(5);
        Assert.Equal(["first", "closed"], brokenEvents.Events);
        Assert.Equal(["first"], events.Events);
        Assert.Equal(10, phone.Heard.Count);
        Assert.Equal(1, _bench.Engine.Ports.InUse);
    }

    [Fact]
    public void A_muxed_session_sends_its_reports_on_the_rtp_port()
    {
        var (_, phone, _) = _bench.Call(30000, p => p with { RtcpMux = true });
        for (var i = 0; i < 400; i++)
        {
            _bench.Time.Now += TimeSpan.FromMilliseconds(20);
            _bench.Engine.Tick(_bench.Time.Now);
        }

        phone.Listen();
        Assert.Contains(phone.Heard, p => p.Header.PayloadType is 72 or 73);
        Assert.Empty(phone.Control.Arrived);
    }

    private static CancellationToken TestContextToken => CancellationToken.None;

    private sealed class ThrowingTap : IAudioTap
    {
        public void OnFrame(ReadOnlySpan<short> received, ReadOnlySpan<short> sent, int sampleRate) => throw new InvalidOperationException("broken tap");
    }
}
