using Sift.Media.Audio;
using Sift.Media.Speech;
using Sift.Media.Tests.Audio;

namespace Sift.Media.Tests.Speech;

/// <summary>Speaks a warble whose length fits the text; fails on sentences that contain "crash", throws on "bug", waits on "wait".</summary>
internal sealed class FakeEngine : ISpeechEngine
{
    private int _calls;

    public TaskCompletionSource Release { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public int Calls => Volatile.Read(ref _calls);

    public string Name => "fake";

    public IReadOnlyList<SpeechVoice> Voices { get; init; } = [new("anna", "en-US", "a"), new("bert", "fr", "b")];

    public string? Trouble => null;

    public async Task<string?> SynthesizeAsync(SpeechVoice voice, string sentence, IPcmSink sink, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _calls);
        if (sentence.Contains("bug", StringComparison.Ordinal))
        {
            throw new InvalidOperationException("a bug");
        }

        if (sentence.Contains("crash", StringComparison.Ordinal))
        {
            return "the engine crashed";
        }

        if (sentence.Contains("wait", StringComparison.Ordinal))
        {
            await Release.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
        }

        for (var i = 0; i < sentence.Length; i++)
        {
            if (char.IsLetterOrDigit(sentence[i]))
            {
                sink.Write(16000, Signal.Sine(300 + (sentence[i] * 7 % 900), 16000, 0.06, sentence[i] % 3 == 0 ? 9000 : 800));
            }
        }

        return null;
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
