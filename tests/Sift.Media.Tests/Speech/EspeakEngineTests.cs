using Sift.Media.Speech;
using Sift.Media.Speech.Espeak;

namespace Sift.Media.Tests.Speech;

public sealed class EspeakEngineTests : SpeechEngineTests
{
    protected override async Task<ISpeechEngine> StartAsync() => await EspeakEngine.StartAsync(Options, TimeProvider.System, default);

    [Fact]
    public async Task Speaks_many_languages()
    {
        await using var engine = await StartAsync();
        foreach (var (language, text) in (List<(string, string)>)[("de", "Guten Tag."), ("fr-fr", "Bonjour à tous."), ("cmn", "你好，世界。"), ("ru", "Привет, мир.")])
        {
            var taker = new PcmTaker();
            Assert.Null(await engine.SynthesizeAsync(engine.Voices.Single(voice => voice.Language == language), text, taker, default));
            Assert.True(taker.Samples.Count > taker.SampleRate / 2, language);
        }
    }

    [Fact]
    public void Reads_the_listing_of_voices()
    {
        var voices = EspeakEngine.ParseVoices("Pty Language       Age/Gender VoiceName          File                 Other Languages\n 5  fr-fr           --/M      French_(France)    roa/fr               (fr 5)\n 5  x               --/M      X                  mb/mb-x\n\n");

        Assert.Equal([new SpeechVoice("espeak-fr-fr", "fr-fr", "fr-fr")], voices);
    }
}
