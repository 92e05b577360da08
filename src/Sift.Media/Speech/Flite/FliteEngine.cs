using Microsoft.Extensions.Logging;
using Sift.Media.Audio;
using Sift.Media.Audio.Programs;
using Sift.Media.Speech.Text;
using Sift.Media.Speech.Workers;

namespace Sift.Media.Speech.Flite;

/// <summary>
/// English by CMU flite. Speaks in worker processes that load libflite; where the library cannot be loaded, by the flite program per
/// sentence.
/// </summary>
public sealed class FliteEngine : ISpeechEngine
{
    private readonly SpeechWorkerPool? _pool;
    private readonly ProgramSpeech? _program;

    private FliteEngine(SpeechWorkerPool? pool, ProgramSpeech? program, IReadOnlyList<string> voices, string? trouble)
    {
        _pool = pool;
        _program = program;
        Voices = [.. voices.Select(voice => new SpeechVoice(voice, voice == "awb" ? "en-GB" : "en-US", voice))];
        Trouble = trouble;
    }

    /// <inheritdoc/>
    public string Name => "flite";

    /// <inheritdoc/>
    public IReadOnlyList<SpeechVoice> Voices { get; }

    /// <inheritdoc/>
    public string? Trouble { get; }

    /// <inheritdoc/>
    public string? Failure => _pool?.Failure;

    /// <summary>Worker processes that are up, for diagnosis.</summary>
    internal IEnumerable<int> WorkerProcessIds => _pool?.ProcessIds ?? [];

    /// <summary>Starts the first worker and finds the voices. Never throws for a missing engine: it then has no voices.</summary>
    public static async Task<FliteEngine> StartAsync(SpeechOptions options, TimeProvider time, ILoggerFactory logs, CancellationToken cancellationToken)
    {
        string[] command = [.. options.WorkerCommand is { Count: > 0 } given ? [.. given] : OwnCommand(), SpeechWorkerProgram.Verb, "flite"];
        var (pool, error) = await SpeechWorkerPool.StartAsync(command, options, time, logs.CreateLogger<SpeechWorkerPool>(), cancellationToken).ConfigureAwait(false);
        return pool is not null ? new FliteEngine(pool, null, pool.Voices, null) : ByProgram(options, time, error);
    }

    /// <summary>The engine by the flite program alone.</summary>
    internal static FliteEngine ByProgram(SpeechOptions options, TimeProvider time, string? reason) =>
        ExternalProgram.Find("flite") is { } path
            ? new FliteEngine(null, new ProgramSpeech(path, options, time), FliteLibrary.KnownVoices, reason is null ? null : $"{reason}; speaking by the flite program, which is slower")
            : new FliteEngine(null, null, [], $"{reason ?? "flite is missing"}; apt install flite");

    /// <inheritdoc/>
    public Task<string?> SynthesizeAsync(SpeechVoice voice, string sentence, IPcmSink sink, CancellationToken cancellationToken)
    {
        var text = TextPreparation.ToAscii(sentence);
        return _pool is not null
            ? _pool.SpeakAsync(voice.EngineVoice, text, sink, cancellationToken)
            : _program!.SpeakByFilesAsync((input, output) => ["-voice", voice.EngineVoice, "-f", input, "-o", output], text, sink, cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        _program?.Dispose();
        return _pool?.DisposeAsync() ?? ValueTask.CompletedTask;
    }

    private static string[] OwnCommand()
    {
        var program = Environment.ProcessPath!;
        // Under "dotnet sift.dll" the process is dotnet and the program its first argument.
        return Path.GetFileNameWithoutExtension(program) == "dotnet" ? [program, Environment.GetCommandLineArgs()[0]] : [program];
    }
}
