using System.Diagnostics;
using Microsoft.Extensions.Logging.Abstractions;
using Sift.Media.Audio;
using Sift.Media.Legs;
using Sift.Media.Speech;
using Sift.Media.Speech.Espeak;
using Sift.Media.Speech.Flite;
using Sift.Media.Tests.Audio;
using Xunit.Abstractions;

namespace Sift.Media.Tests.Speech;

public sealed class SpeechLatencyTests(ITestOutputHelper output)
{
    [Fact]
    public async Task Prints_the_time_to_the_first_audio()
    {
        var options = new SpeechOptions { WorkerCommand = WorkerEntry.Command };
        ISpeechEngine[] engines =
        [
            await FliteEngine.StartAsync(options, TimeProvider.System, NullLoggerFactory.Instance, default),
            await EspeakEngine.StartAsync(options, TimeProvider.System, default),
        ];
        await using var speech = new SpeechSynthesis(new SpeechCatalogue(engines, options), options, TimeProvider.System, NullLogger<SpeechSynthesis>.Instance);
        foreach (var voice in (string[])["slt", "rms", "kal16", "espeak-de"])
        {
            var fresh = await MeasureAsync(speech, voice);
            var cached = await MeasureAsync(speech, voice);
            output.WriteLine($"first audio {voice}: uncached median {fresh[5]:0.0} ms, max {fresh[10]:0.0} ms; cached median {cached[5]:0.000} ms, max {cached[10]:0.000} ms");
            Assert.True(cached[5] < fresh[5]);
        }
    }

    private static async Task<double[]> MeasureAsync(SpeechSynthesis speech, string voice)
    {
        var times = new double[11];
        var frame = new short[160];
        for (var i = 0; i < times.Length; i++)
        {
            var started = Stopwatch.GetTimestamp();
            using var source = speech.Open(new SpeechSource($"Welcome caller number {i}, thank you for waiting so long.", voice), 8000, default);
            AudioRead read;
            while ((read = source.Read(frame)) == AudioRead.Starved)
            {
                // One core is left for the engine; asking all the time would take it away.
                await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System);
            }

            times[i] = Stopwatch.GetElapsedTime(started).TotalMilliseconds;
            Assert.Equal(AudioRead.Frame, read);
            await Signal.ReadAllAsync(source);
        }

        return [.. times.Order()];
    }
}
