using Sift.Media.Audio;
using Sift.Media.Audio.Programs;
using Sift.Media.Audio.Wav;

namespace Sift.Media.Speech;

/// <summary>Speaks by running a program per sentence: text in by stdin or a file, a wav file out. A few run at once, the rest queues.</summary>
internal sealed class ProgramSpeech(string path, SpeechOptions options, TimeProvider time) : IDisposable
{
    private readonly SemaphoreSlim _running = new(Math.Max(options.Workers, 1));
    private int _waiting;

    public Task<string?> SpeakByPipesAsync(IReadOnlyList<string> arguments, string text, IPcmSink sink, CancellationToken cancellationToken) =>
        QueuedAsync(async () => Take(await RunAsync(arguments, text, cancellationToken).ConfigureAwait(false), sink), cancellationToken);

    /// <summary>For programs that seek in their files. The files live in a folder of their own, readable by us alone.</summary>
    public Task<string?> SpeakByFilesAsync(Func<string, string, IReadOnlyList<string>> arguments, string text, IPcmSink sink, CancellationToken cancellationToken) =>
        QueuedAsync(
            async () =>
            {
                var folder = Directory.CreateTempSubdirectory("sift-speech-");
                try
                {
                    var (input, output) = (Path.Combine(folder.FullName, "text"), Path.Combine(folder.FullName, "wav"));
                    await File.WriteAllTextAsync(input, text, cancellationToken).ConfigureAwait(false);
                    var result = await RunAsync(arguments(input, output), "", cancellationToken).ConfigureAwait(false);
                    return Take(
                        result.Error is null && File.Exists(output) ? new(await File.ReadAllBytesAsync(output, cancellationToken).ConfigureAwait(false), null) : result,
                        sink);
                }
                finally
                {
                    folder.Delete(recursive: true);
                }
            },
            cancellationToken);

    public void Dispose() => _running.Dispose();

    private Task<ProgramResult> RunAsync(IReadOnlyList<string> arguments, string text, CancellationToken cancellationToken) => ExternalProgram.RunAsync(
        path,
        arguments,
        System.Text.Encoding.UTF8.GetBytes(text),
        new ProgramLimits(options.SentenceDeadline, MaxOutput, MaxMemory, (int)Math.Ceiling(options.SentenceDeadline.TotalSeconds)),
        time,
        cancellationToken);

    private static string? Take(ProgramResult result, IPcmSink sink)
    {
        if (result.Output is null)
        {
            return result.Error;
        }

        if (result.Output.Length == 0)
        {
            // espeak-ng writes not even a header when there is nothing to say.
            return null;
        }

        if (!WavFile.TryParse(result.Output, out var wav, out var error))
        {
            return $"the speech engine's output {error}";
        }

        WavSamples.CopyTo(wav, sink);
        return null;
    }

    private async Task<string?> QueuedAsync(Func<Task<string?>> run, CancellationToken cancellationToken)
    {
        if (Interlocked.Increment(ref _waiting) > options.QueueLength)
        {
            Interlocked.Decrement(ref _waiting);
            return Workers.SpeechWorkerPool.Overloaded;
        }

        var entered = false;
        try
        {
            using var late = new CancellationTokenSource(options.QueueDeadline, time);
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(late.Token, cancellationToken);
            await _running.WaitAsync(stop.Token).ConfigureAwait(false);
            entered = true;
            return await run().ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            return cancellationToken.IsCancellationRequested ? "cancelled" : Workers.SpeechWorkerPool.Overloaded;
        }
        finally
        {
            Interlocked.Decrement(ref _waiting);
            if (entered)
            {
                _running.Release();
            }
        }
    }

    private const int MaxOutput = 64 * 1024 * 1024;
    private const long MaxMemory = 512L * 1024 * 1024;
}
