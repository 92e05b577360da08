using Microsoft.Extensions.Logging.Abstractions;
using Sift.Media.Audio;
using Sift.Media.Legs;
using Sift.Media.Speech;
using Sift.Media.Tests.Audio;

namespace Sift.Media.Tests.Speech;

public sealed class SpeechSynthesisTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("sift-test-");
    private readonly FakeEngine _engine = new();

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [InlineData(8000)]
    [InlineData(16000)]
    [InlineData(48000)]
    public async Task Speaks_all_sentences_at_the_rate_of_the_leg(int rate)
    {
        await using var speech = Speech();

        var (samples, end) = await Signal.ReadAllAsync(speech.Open(new SpeechSource("Hello there. General greeting."), rate, default));

        Assert.Equal(AudioRead.End, end);
        Assert.Equal(2, _engine.Calls);
        // 0.06 s a letter.
        Assert.InRange(samples.Length / (double)rate, (25 * 0.06) - 0.02, (25 * 0.06) + 0.05);
    }

    [Fact]
    public async Task A_cached_sentence_plays_with_the_first_read_and_is_not_made_again()
    {
        await using var speech = Speech();
        await Signal.ReadAllAsync(speech.Open(new SpeechSource("Hello."), 8000, default));

        Assert.Equal(AudioRead.Frame, speech.Open(new SpeechSource("Hello."), 8000, default).Read(new short[160]));
        Assert.Equal(1, _engine.Calls);
    }

    [Fact]
    public async Task The_cache_outlives_the_process()
    {
        short[] first;
        await using (var speech = Speech())
        {
            (first, _) = await Signal.ReadAllAsync(speech.Open(new SpeechSource("Hello."), 8000, default));
            await WaitForAsync(() => _folder.EnumerateFiles().Any(file => file.Extension != ".tmp"));
        }

        await using var again = Speech();
        var (second, _) = await Signal.ReadAllAsync(again.Open(new SpeechSource("Hello."), 8000, default));

        Assert.Equal(first, second);
        Assert.Equal(1, _engine.Calls);
    }

    [Fact]
    public async Task A_hundred_callers_of_one_text_share_one_synthesis()
    {
        await using var speech = Speech();
        var sources = Enumerable.Range(0, 100).Select(_ => speech.Open(new SpeechSource("Please wait."), 8000, default)).ToArray();
        Assert.All(sources, source => Assert.Equal(AudioRead.Starved, source.Read(new short[160])));
        _engine.Release.SetResult();

        var all = await Task.WhenAll(sources.Select(source => Signal.ReadAllAsync(source)));

        Assert.All(all, result => Assert.Equal(all[0].Samples, result.Samples));
        Assert.Equal(1, _engine.Calls);
    }

    [Theory]
    [InlineData("crash")]
    [InlineData("bug")]
    public async Task A_failing_sentence_costs_itself_only_and_is_not_cached(string word)
    {
        await using var speech = Speech();

        var (samples, end) = await Signal.ReadAllAsync(speech.Open(new SpeechSource($"One. A {word}! Two."), 8000, default));
        Assert.Equal(AudioRead.End, end);
        Assert.True(samples.Length > 8000 * 0.3);

        var failing = speech.Open(new SpeechSource($"A {word}!"), 8000, default);
        Assert.Equal(AudioRead.Failed, (await Signal.ReadAllAsync(failing)).End);
        Assert.Contains("engine", ((IFailedAudio)failing).Error);
        Assert.Equal(4, _engine.Calls);
    }

    [Theory]
    [InlineData("carla", null, "there is no voice \"carla\"; the choices are anna, bert")]
    [InlineData(null, "sw", "no voice speaks \"sw\"; the choices are en-US, fr")]
    public async Task Unknown_voices_and_languages_fail_with_the_choices(string? voice, string? language, string expected)
    {
        await using var speech = Speech();

        var source = speech.Open(new SpeechSource("Hello.", voice, language), 8000, default);

        Assert.Equal(AudioRead.Failed, source.Read(new short[160]));
        Assert.Equal(expected, ((IFailedAudio)source).Error);
    }

    [Theory]
    [InlineData(null, null, "Hello", "anna")]
    [InlineData(null, "fr-CA", "Bonjour", "bert")]
    [InlineData(null, "en-GB", "Hello", "anna")]
    [InlineData("BERT", "en", "Hello", "bert")]
    [InlineData(null, null, "你好", "mei")]
    [InlineData(null, "de-AT", "Servus", "dora")]
    public void Voice_then_language_then_script_decide(string? voice, string? language, string text, string expected)
    {
        var engine = new FakeEngine { Voices = [new("anna", "en-US", "a"), new("bert", "fr-fr", "b"), new("mei", "cmn", "m"), new("dirk", "de", "d"), new("dora", "de", "e")] };
        var options = new SpeechOptions();
        options.Languages["de"] = "dora";

        Assert.True(new SpeechCatalogue([engine], options).TryChoose(voice, language, text, out var chosen, out _));
        Assert.Equal(expected, chosen.Voice.Name);
    }

    [Theory]
    [InlineData("")]
    [InlineData(" \n ")]
    public async Task Nothing_to_say_ends_at_once(string text)
    {
        await using var speech = Speech();

        Assert.Equal(AudioRead.End, speech.Open(new SpeechSource(text), 8000, default).Read(new short[160]));
    }

    [Fact]
    public async Task A_text_over_the_limit_is_refused()
    {
        await using var speech = Speech();

        Assert.Equal(AudioRead.Failed, speech.Open(new SpeechSource(new string('a', 10_001)), 8000, default).Read(new short[160]));
        Assert.Equal(0, _engine.Calls);
    }

    [Fact]
    public async Task A_disposed_player_asks_for_no_more_sentences()
    {
        await using var speech = Speech();
        var source = speech.Open(new SpeechSource("Please wait. Then more. And more."), 8000, default);
        source.Dispose();
        await WaitForAsync(() => ((ClipSource)source).Disposed.IsCancellationRequested);
        _engine.Release.SetResult();

        var (_, end) = await Signal.ReadAllAsync(speech.Open(new SpeechSource("Please wait."), 8000, default));

        Assert.Equal(AudioRead.End, end);
        Assert.Equal(1, _engine.Calls);
    }

    private static async Task WaitForAsync(Func<bool> condition)
    {
        while (!condition())
        {
            await Task.Yield();
        }
    }

    private SpeechSynthesis Speech()
    {
        var options = new SpeechOptions { CacheDirectory = _folder.FullName };
        return new SpeechSynthesis(new SpeechCatalogue([_engine], options), options, TimeProvider.System, NullLogger<SpeechSynthesis>.Instance);
    }
}
