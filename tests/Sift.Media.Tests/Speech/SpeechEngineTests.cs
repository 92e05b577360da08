using Sift.Media.Speech;
using Sift.Media.Speech.Text;
using Sift.Media.Tests.Audio;

namespace Sift.Media.Tests.Speech;

/// <summary>What every engine must do. A new engine passes by inheriting this.</summary>
public abstract class SpeechEngineTests
{
    protected abstract Task<ISpeechEngine> StartAsync();

    [Fact]
    public async Task Speaks_a_sentence_of_fitting_length_that_is_no_tone()
    {
        await using var engine = await StartAsync();
        var taker = new PcmTaker();

        Assert.Null(await engine.SynthesizeAsync(engine.Voices[0], "Welcome to the example company, how are you today?", taker, default));

        Assert.InRange(taker.Samples.Count / (double)taker.SampleRate, 1.5, 6);
        Assert.True(Signal.Rms(taker.Samples.ToArray()) > 300);
        // Speech moves: its loudness changes from one 20 ms frame to the next, and no one frequency carries it.
        var frames = taker.Samples.Chunk(taker.SampleRate / 50).Select(frame => Signal.Rms(frame)).ToArray();
        Assert.True(frames.Max() > 1.8 * frames.Average(), "a steady level");
        var all = taker.Samples.ToArray();
        var strongest = Enumerable.Range(5, 190).Max(bin => Signal.Amplitude(all, bin * 20, taker.SampleRate));
        Assert.True(strongest / Math.Sqrt(2) < 0.7 * Signal.Rms(all), "one frequency carries it all");
    }

    [Fact]
    public async Task A_longer_text_takes_longer()
    {
        await using var engine = await StartAsync();
        var shorter = new PcmTaker();
        var longer = new PcmTaker();

        Assert.Null(await engine.SynthesizeAsync(engine.Voices[0], "One.", shorter, default));
        Assert.Null(await engine.SynthesizeAsync(engine.Voices[0], "One, two, three, four, five, six, seven.", longer, default));

        Assert.True(longer.Samples.Count > 2 * shorter.Samples.Count);
    }

    [Theory]
    [InlineData("")]
    [InlineData("   ")]
    [InlineData("👍🏽 😀")]
    [InlineData("你好，世界。")]
    [InlineData("<speak>one</speak> & [[h@'loU]] $(reboot) `id` ; rm -rf \" ' \\ %s")]
    [InlineData("-o /tmp/x --voices")]
    [InlineData("\u0001 3p \u0007 \0 \uD800 text")]
    public async Task Odd_texts_do_no_harm_and_the_next_sentence_is_spoken(string text)
    {
        await using var engine = await StartAsync();

        Assert.Null(await engine.SynthesizeAsync(engine.Voices[0], TextPreparation.Clean(text), new PcmTaker(), default));

        var next = new PcmTaker();
        Assert.Null(await engine.SynthesizeAsync(engine.Voices[0], "All is well.", next, default));
        Assert.True(next.Samples.Count > next.SampleRate / 2);
    }

    [Fact]
    public async Task A_word_of_5000_letters_is_survived()
    {
        await using var engine = await StartAsync();

        foreach (var sentence in SentenceSplitter.Split(TextPreparation.Clean(new string('x', 2500) + new string('a', 2500))).Take(2))
        {
            Assert.Null(await engine.SynthesizeAsync(engine.Voices[0], sentence, new PcmTaker(), default));
        }
    }

    [Fact]
    public async Task Two_hundred_sentences_at_once_are_all_spoken()
    {
        await using var engine = await StartAsync();

        var errors = await Task.WhenAll(Enumerable.Range(0, 200).Select(async n =>
        {
            var taker = new PcmTaker();
            var error = await engine.SynthesizeAsync(engine.Voices[0], $"Number {n}.", taker, default);
            return error ?? (taker.Samples.Count > taker.SampleRate / 4 ? null : "nothing heard");
        }));

        Assert.All(errors, Assert.Null);
    }

    [Fact]
    public async Task Every_listed_voice_has_a_name_and_a_language()
    {
        await using var engine = await StartAsync();

        Assert.Null(engine.Trouble);
        Assert.NotEmpty(engine.Voices);
        Assert.All(engine.Voices, voice => Assert.True(voice.Name.Length > 0 && voice.Language.Length > 1));
        Assert.Equal(engine.Voices.Count, engine.Voices.Select(voice => voice.Name).Distinct(StringComparer.OrdinalIgnoreCase).Count());
    }

    // The queue may be long on a busy machine; what is measured here is that nothing is lost.
    protected static SpeechOptions Options => new()
    {
        WorkerCommand = WorkerEntry.Command,
        QueueDeadline = TimeSpan.FromMinutes(1),
        SentenceDeadline = TimeSpan.FromSeconds(20),
    };
}
