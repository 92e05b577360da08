using System.Net;
using System.Net.Http.Headers;
using Microsoft.Extensions.Logging.Abstractions;
using Sift.Media.Audio;
using Sift.Media.Audio.Programs;
using Sift.Media.Audio.Sounds;

namespace Sift.Media.Tests.Audio;

public sealed class SoundLibraryTests : IDisposable
{
    private static readonly Uri Url = new("http://sounds.example/a.wav");
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("sift-test-");
    private readonly Server _server = new();
    private readonly Clock _clock = new();

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task Plays_a_wav_file_at_the_rate_of_the_leg()
    {
        _server.Body = Signal.Wav(Signal.Sine(1000, 44100, 1), 44100);
        await using var library = Library();

        var (samples, end) = await Signal.ReadAllAsync(library.Open(Url, 8000, default));

        Assert.Equal(AudioRead.End, end);
        Assert.InRange(samples.Length, 8000, 8160);
        Assert.InRange(Signal.Amplitude(samples.AsSpan(0, 8000), 1000, 8000), 9800, 10200);
    }

    [Theory]
    [InlineData("44100", "2")]
    [InlineData("22050", "1")]
    [InlineData("16000", "1")]
    public async Task Plays_an_mp3_file_whatever_its_type_says(string rate, string channels)
    {
        var tone = Signal.Sine(1000, 8000, 1);
        var wav = channels == "2" ? Signal.Wav([.. tone.SelectMany(sample => (short[])[sample, sample])], 8000, 2) : Signal.Wav(tone, 8000);
        var made = await ExternalProgram.RunAsync(
            ExternalProgram.Find("ffmpeg")!,
            ["-loglevel", "error", "-f", "wav", "-i", "pipe:0", "-ar", rate, "-ac", channels, "-f", "mp3", "pipe:1"],
            wav,
            new ProgramLimits(TimeSpan.FromSeconds(30), 1 << 24, 1L << 31, 30),
            TimeProvider.System,
            default);
        _server.Body = made.Output!;
        _server.Type = "application/octet-stream";
        await using var library = Library();

        Assert.Null(library.Trouble);
        var (samples, end) = await Signal.ReadAllAsync(library.Open(Url, 8000, default));

        Assert.Equal(AudioRead.End, end);
        Assert.InRange(samples.Length / 8000.0, 0.95, 1.2);
        Assert.InRange(Signal.Amplitude(samples.AsSpan(1600, 4800), 1000, 8000), 9000, 11000);
    }

    [Theory]
    [InlineData(404, "sound_url answered 404")]
    [InlineData(500, "sound_url answered 500")]
    [InlineData(302, "sound_url answered 302; redirects are not followed")]
    public async Task Says_what_the_server_answered(int status, string expected)
    {
        _server.Status = (HttpStatusCode)status;
        Assert.Equal(expected, await ErrorAsync(Url));
    }

    [Theory]
    [InlineData("<html>", "the sound is not a wav or mp3 file")]
    [InlineData("RIFF....WAVEdata", "the sound is a wav file without data")]
    [InlineData("ID3 but not really an mp3 file", "the mp3 file cannot be decoded")]
    public async Task Says_what_is_wrong_with_the_file(string body, string expected)
    {
        _server.Body = System.Text.Encoding.ASCII.GetBytes(body);
        Assert.StartsWith(expected, await ErrorAsync(Url));
    }

    [Theory]
    [InlineData("file:///etc/passwd")]
    [InlineData("ftp://a/b.wav")]
    [InlineData("relative.wav")]
    public async Task Other_schemes_are_refused(string url)
    {
        Assert.Equal("sound_url is not an http or https address", await ErrorAsync(new Uri(url, UriKind.RelativeOrAbsolute)));
        Assert.Equal(0, _server.Requests);
    }

    [Fact]
    public async Task A_file_over_the_limit_is_refused_announced_or_not()
    {
        _server.Body = new byte[2000];
        foreach (var announced in (bool[])[true, false])
        {
            _server.Announce = announced;
            Assert.Equal("the sound is larger than 0 MiB", await ErrorAsync(Url, new SoundOptions { MaxFileBytes = 1000 }));
        }
    }

    [Fact]
    public async Task A_fresh_copy_is_played_without_asking_and_with_the_first_read()
    {
        _server.Control = "max-age=60";
        await using var library = Library();
        await Signal.ReadAllAsync(library.Open(Url, 8000, default));

        _clock.Advance(TimeSpan.FromSeconds(59));
        Assert.Equal(AudioRead.Frame, library.Open(Url, 8000, default).Read(new short[160]));
        Assert.Equal(1, _server.Requests);

        _clock.Advance(TimeSpan.FromSeconds(2));
        await Signal.ReadAllAsync(library.Open(Url, 8000, default));
        Assert.Equal(2, _server.Requests);
    }

    [Fact]
    public async Task A_stale_copy_is_asked_about_by_its_validators()
    {
        await using (var library = Library())
        {
            await Signal.ReadAllAsync(library.Open(Url, 8000, default));
        }

        // Another process, with the disk of the first.
        await using var again = Library();
        var (samples, end) = await Signal.ReadAllAsync(again.Open(Url, 8000, default));

        Assert.Equal((AudioRead.End, 2, 1), (end, _server.Requests, _server.NotModified));
        Assert.True(Signal.Rms(samples) > 1000);
    }

    [Fact]
    public async Task A_changed_file_is_played_anew()
    {
        await using var library = Library();
        await Signal.ReadAllAsync(library.Open(Url, 8000, default));
        _server.Body = Signal.Wav(Signal.Sine(1000, 8000, 2), 8000);
        _server.ETag = "\"v2\"";

        var (samples, _) = await Signal.ReadAllAsync(library.Open(Url, 8000, default));

        Assert.InRange(samples.Length, 16000, 16160);
    }

    [Theory]
    [InlineData(503, "max-age=1", 2, AudioRead.End)]
    [InlineData(0, "max-age=1", 2, AudioRead.End)]
    [InlineData(404, "max-age=1", 2, AudioRead.Failed)]
    [InlineData(503, "max-age=1, must-revalidate", 2, AudioRead.Failed)]
    [InlineData(503, "max-age=1", 90_000, AudioRead.Failed)]
    public async Task A_server_in_trouble_gets_the_benefit_of_a_stale_copy(int status, string control, int seconds, AudioRead expected)
    {
        _server.Control = control;
        await using var library = Library();
        await Signal.ReadAllAsync(library.Open(Url, 8000, default));
        _server.Status = (HttpStatusCode)status;
        _clock.Advance(TimeSpan.FromSeconds(seconds));

        Assert.Equal(expected, (await Signal.ReadAllAsync(library.Open(Url, 8000, default))).End);
    }

    [Fact]
    public async Task No_store_leaves_nothing_on_the_disk()
    {
        _server.Control = "no-store";
        await using var library = Library();

        Assert.Equal(AudioRead.End, (await Signal.ReadAllAsync(library.Open(Url, 8000, default))).End);

        Assert.Empty(_folder.EnumerateFiles());
    }

    [Fact]
    public async Task Fifty_legs_at_once_make_one_fetch_and_share_one_buffer()
    {
        _server.Hold = new(TaskCreationOptions.RunContinuationsAsynchronously);
        _server.Control = "max-age=60";
        await using var library = Library();
        var sources = Enumerable.Range(0, 50).Select(_ => library.Open(Url, 8000, default)).ToArray();
        Assert.All(sources, source => Assert.Equal(AudioRead.Starved, source.Read(new short[160])));
        // Every leg has joined the flight before it lands.
        while (_server.Requests == 0)
        {
            await Task.Yield();
        }

        _server.Hold.SetResult();
        var all = await Task.WhenAll(sources.Select(source => Signal.ReadAllAsync(source)));

        Assert.All(all, result => Assert.Equal(all[0].Samples, result.Samples));
        Assert.Equal(1, _server.Requests);
    }

    [Fact]
    public async Task An_endless_answer_is_given_up_at_the_deadline()
    {
        _server.Hold = new();
        await using var library = Library(new SoundOptions { FetchDeadline = TimeSpan.FromMilliseconds(50) });

        var source = library.Open(Url, 8000, default);

        Assert.Equal(AudioRead.Failed, (await Signal.ReadAllAsync(source)).End);
        Assert.Equal("sound_url did not answer in time", ((IFailedAudio)source).Error);
    }

    private async Task<string?> ErrorAsync(Uri url, SoundOptions? options = null)
    {
        await using var library = Library(options);
        var source = library.Open(url, 8000, default);
        Assert.Equal(AudioRead.Failed, (await Signal.ReadAllAsync(source)).End);
        return ((IFailedAudio)source).Error;
    }

    private SoundLibrary Library(SoundOptions? options = null) =>
        new(new HttpMessageInvoker(_server, disposeHandler: false), (options ?? new SoundOptions()) with { CacheDirectory = _folder.FullName }, _clock, NullLogger<SoundLibrary>.Instance);

    /// <summary>Wall clock by hand; timers run in real time.</summary>
    private sealed class Clock : TimeProvider
    {
        private DateTimeOffset _now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

        public void Advance(TimeSpan by) => _now += by;

        public override DateTimeOffset GetUtcNow() => _now;
    }

    private sealed class Server : HttpMessageHandler
    {
        private int _requests;

        public byte[] Body { get; set; } = Signal.Wav(Signal.Sine(1000, 8000, 1), 8000);

        public string Type { get; set; } = "audio/wav";

        public string ETag { get; set; } = "\"v1\"";

        public string? Control { get; set; }

        public bool Announce { get; set; } = true;

        public HttpStatusCode Status { get; set; } = HttpStatusCode.OK;

        public TaskCompletionSource? Hold { get; set; }

        public int Requests => Volatile.Read(ref _requests);

        public int NotModified { get; private set; }

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Interlocked.Increment(ref _requests);
            if (Hold is { } hold)
            {
                await hold.Task.WaitAsync(cancellationToken);
            }

            if (Status == 0)
            {
                throw new HttpRequestException("connection refused");
            }

            if (request.Headers.IfNoneMatch.Any(tag => tag.Tag == ETag) && Status == HttpStatusCode.OK)
            {
                NotModified++;
                return new HttpResponseMessage(HttpStatusCode.NotModified);
            }

            var response = new HttpResponseMessage(Status) { Content = new StreamContent(Announce ? new MemoryStream(Body) : new Unseekable(Body)) };
            response.Content.Headers.ContentType = new MediaTypeHeaderValue(Type);
            response.Headers.ETag = new EntityTagHeaderValue(ETag);
            if (Control is not null)
            {
                response.Headers.CacheControl = CacheControlHeaderValue.Parse(Control);
            }

            return response;
        }
    }

    private sealed class Unseekable(byte[] body) : MemoryStream(body)
    {
        public override bool CanSeek => false;
    }
}
