using Microsoft.Extensions.Logging.Abstractions;
using Sift.Media.Audio.Wav;
using Sift.Media.Legs;
using Sift.Media.Recording;
using Sift.Media.Rtp;
using Sift.Media.Tests.Rtp;

namespace Sift.Media.Tests.Recording;

public sealed class CallRecorderTests : IDisposable, IRecordingEvents
{
    private const string Id = "00000000000000ee";

    private static readonly LegId Caller = new("00000000000000aa");
    private static readonly LegId Callee = new("00000000000000bb");

    private readonly string _directory = Directory.CreateTempSubdirectory("sift-rec-").FullName;
    private readonly MediaBench _bench = new();
    private readonly CallRecorder _recorder;
    private readonly List<RecordingStarted> _started = [];
    private readonly List<RecordingEnded> _ended = [];

    public CallRecorderTests() => _recorder = new CallRecorder(_bench.Engine, _directory, TimeSpan.FromSeconds(8), this, TimeProvider.System, NullLogger<CallRecorder>.Instance);

    void IRecordingEvents.OnRecording(RecordingStarted started) => _started.Add(started);

    void IRecordingEvents.OnRecorded(RecordingEnded ended) => _ended.Add(ended);

    public void Dispose()
    {
        _recorder.Dispose();
        _bench.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    [Fact]
    public void The_caller_is_heard_on_the_left_and_the_callee_on_the_right()
    {
        Talk();
        _recorder.Record(new RecordLeg(Caller, Id, Callee));
        Run(100);
        _recorder.Stop(new StopRecording(Caller, Id));
        Run(10);

        Assert.Equal((Id, Caller, Callee, 8000), Assert.Single(_started) is var first ? (first.Recording, first.Leg, first.With!.Value, first.SampleRate) : default);
        var ended = Assert.Single(_ended);
        Assert.Null(ended.Error);
        Assert.InRange(ended.Duration.TotalMilliseconds, 1960, 2040);
        var (left, right) = Read(ended);
        Assert.True(Spectrum.Share(left.AsSpan(^8000..), 440) > 0.97);
        Assert.True(Spectrum.Share(right.AsSpan(^8000..), 1000) > 0.97);
        Assert.Empty(Directory.GetFiles(_directory, "*.part"));
    }

    [Fact]
    public void The_end_of_the_leg_completes_the_recording_with_its_last_frame()
    {
        var (caller, _) = Talk();
        _recorder.Record(new RecordLeg(Caller, Id));
        Run(50);
        caller.Close();
        Run(5);

        Assert.Equal(TimeSpan.FromSeconds(1), Assert.Single(_ended).Duration);
        Assert.Equal(0, _recorder.Count);
    }

    [Fact]
    public void A_codec_that_changes_under_way_goes_on_at_the_rate_of_the_file()
    {
        var tap = new StereoTap();
        using var file = new RecordingFile(new RecordLeg(Caller, Id), tap, Path.Combine(_directory, "x.part"), default);
        short[] narrow = [.. Enumerable.Range(0, 160).Select(i => (short)(10_000 * Math.Sin(2 * Math.PI * 500 * i / 8000)))];
        short[] wide = [.. Enumerable.Range(0, 960).Select(i => (short)(10_000 * Math.Sin(2 * Math.PI * 500 * i / 48_000)))];
        for (var i = 0; i < 50; i++)
        {
            tap.OnFrame(narrow, narrow, 8000);
            file.Drain();
        }

        for (var i = 0; i < 50; i++)
        {
            tap.OnFrame(wide, wide, 48_000);
            file.Drain();
        }

        Assert.Equal((8000, TimeSpan.FromSeconds(2)), (file.SampleRate, file.Duration));
        file.Finish(Path.Combine(_directory, "x.wav"));
        var (left, right) = Read(Path.Combine(_directory, "x.wav"));
        Assert.True(Spectrum.Share(left.AsSpan(^7000..), 500) > 0.95);
        Assert.True(Spectrum.Share(right.AsSpan(^7000..), 500) > 0.95);
    }

    [Fact]
    public void Frames_that_found_no_room_become_silence_so_that_what_follows_keeps_its_time()
    {
        Talk();
        _recorder.Record(new RecordLeg(Caller, Id));
        _bench.Run(300);
        Run(100);
        _recorder.Stop(new StopRecording(Caller, Id));
        Run(5);

        Assert.InRange(Assert.Single(_ended).Duration.TotalMilliseconds, 7980, 8020);
    }

    [Fact]
    public void A_recording_that_goes_on_for_too_long_is_ended_and_says_so()
    {
        Talk();
        _recorder.Record(new RecordLeg(Caller, Id));
        Run(500);

        var ended = Assert.Single(_ended);
        Assert.Contains("longest", ended.Error, StringComparison.Ordinal);
        Assert.InRange(ended.Duration.TotalSeconds, 8, 8.2);
    }

    [Fact]
    public void A_disk_that_refuses_loses_the_recording_and_not_the_call()
    {
        var (_, phone) = Talk();
        Directory.CreateDirectory(Path.Combine(_directory, Id + CallRecorder.UnderWay));
        _recorder.Record(new RecordLeg(Caller, Id));
        Run(50);

        Assert.Equal(0, _recorder.Count);
        var heard = phone.Heard.Count;
        Run(10);
        Assert.True(phone.Heard.Count > heard);
        Directory.Delete(Path.Combine(_directory, Id + CallRecorder.UnderWay));
    }

    [Fact]
    public void A_server_that_stops_completes_what_it_has()
    {
        Talk();
        _recorder.Record(new RecordLeg(Caller, Id));
        Run(50);
        _recorder.Dispose();

        Assert.Equal(TimeSpan.FromSeconds(1), Assert.Single(_ended).Duration);
    }

    [Fact]
    public void What_a_crash_left_is_made_a_whole_file()
    {
        var part = Path.Combine(_directory, "y" + CallRecorder.UnderWay);
        using (var wav = new WavWriter(part, 2, 8000))
        {
            wav.Write(new short[2 * 8000]);
        }

        var path = CallRecorder.CompleteFile(part, 8000);

        Assert.Equal(TimeSpan.FromSeconds(1), CallRecorder.DurationOf(new FileInfo(path).Length, 8000));
        Assert.Equal(8000, Read(path).Left.Length);
        Assert.False(File.Exists(part));
    }

    [Fact]
    public void A_tap_allocates_nothing()
    {
        var tap = new StereoTap();
        var frame = new short[160];
        var (left, right) = (new short[StereoTap.LargestFrame], new short[StereoTap.LargestFrame]);
        Assert.Equal(0, Sift.TestKit.Allocations.Least(() =>
        {
            for (var i = 0; i < 1000; i++)
            {
                tap.OnFrame(frame, frame, 8000);
                tap.Read(left, right, out _);
            }
        }));
    }

    [Theory]
    [InlineData(RecordingChannel.Left, 1)]
    [InlineData(RecordingChannel.Right, 7)]
    [InlineData(RecordingChannel.Mixed, 1000)]
    public void One_channel_is_a_whole_file_wherever_reading_begins(RecordingChannel channel, int step)
    {
        var path = Path.Combine(_directory, "z.wav");
        using (var wav = new WavWriter(path, 2, 8000))
        {
            wav.Write([.. Enumerable.Range(0, 1000).SelectMany(i => new[] { (short)i, (short)(30 * i) })]);
            wav.Finish();
        }

        using var one = new SingleChannelStream(File.OpenRead(path), channel, 8000);
        var all = new MemoryStream();
        var buffer = new byte[step];
        while (one.Read(buffer, 0, step) is > 0 and var read)
        {
            all.Write(buffer, 0, read);
        }

        Assert.Equal(one.Length, all.Length);
        Assert.True(WavFile.TryParse(all.ToArray(), out var file, out _));
        Assert.Equal((1, 8000, 1000), (file.Channels, file.SampleRate, file.Frames));
        Assert.Equal(channel switch { RecordingChannel.Left => 999, RecordingChannel.Right => 29_970, _ => 30_969 }, BitConverter.ToInt16(file.Data.Span[^2..]));
        one.Position = one.Length - 3;
        Assert.Equal(3, one.Read(new byte[10], 0, 10));
    }

    private (MediaSession Caller, FarEnd Phone) Talk()
    {
        var (caller, callerPhone, _) = _bench.Call(30000);
        var (callee, calleePhone, _) = _bench.Call(30010);
        callerPhone.ToneHertz = 440;
        calleePhone.ToneHertz = 1000;
        _bench.Engine.Name(Caller, caller);
        _bench.Engine.Name(Callee, callee);
        caller.Bridge(callee);
        _bench.Run(10);
        return (caller, callerPhone);
    }

    /// <summary>Lets time pass; the recorder writes as often as its thread would.</summary>
    private void Run(int steps)
    {
        for (var i = 0; i < steps; i += 5)
        {
            _bench.Run(5);
            _recorder.Drain();
        }
    }

    private (short[] Left, short[] Right) Read(RecordingEnded ended)
    {
        var path = Path.Combine(_directory, ended.Recording + CallRecorder.Complete);
        Assert.Equal(new FileInfo(path).Length, ended.Bytes);
        return Read(path);
    }

    private static (short[] Left, short[] Right) Read(string path)
    {
        Assert.True(WavFile.TryParse(File.ReadAllBytes(path), out var wav, out var error), error);
        Assert.Equal(2, wav.Channels);
        var samples = System.Runtime.InteropServices.MemoryMarshal.Cast<byte, short>(wav.Data.Span).ToArray();
        return ([.. samples.Where((_, i) => i % 2 == 0)], [.. samples.Where((_, i) => i % 2 == 1)]);
    }
}
