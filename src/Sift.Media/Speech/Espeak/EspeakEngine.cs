using System.Text;
using Sift.Media.Audio;
using Sift.Media.Audio.Programs;

namespace Sift.Media.Speech.Espeak;

/// <summary>
/// About 130 languages by espeak-ng, run as a separate program per sentence: it is GPL and its library crashes when two threads use it.
/// </summary>
public sealed class EspeakEngine : ISpeechEngine
{
    private readonly ProgramSpeech? _program;

    private EspeakEngine(ProgramSpeech? program, IReadOnlyList<SpeechVoice> voices, string? trouble)
    {
        _program = program;
        Voices = voices;
        Trouble = trouble;
    }

    /// <inheritdoc/>
    public string Name => "espeak-ng";

    /// <inheritdoc/>
    public IReadOnlyList<SpeechVoice> Voices { get; }

    /// <inheritdoc/>
    public string? Trouble { get; }

    /// <summary>Asks the program for its voices. Never throws for a missing program: it then has none.</summary>
    public static async Task<EspeakEngine> StartAsync(SpeechOptions options, TimeProvider time, CancellationToken cancellationToken)
    {
        if (ExternalProgram.Find("espeak-ng") is not { } path)
        {
            return new EspeakEngine(null, [], "espeak-ng is missing (apt install espeak-ng)");
        }

        var limits = new ProgramLimits(TimeSpan.FromSeconds(10), 1024 * 1024, 512L * 1024 * 1024, 10);
        var listing = await ExternalProgram.RunAsync(path, ["--voices"], default, limits, time, cancellationToken).ConfigureAwait(false);
        return listing.Output is null
            ? new EspeakEngine(null, [], listing.Error)
            : new EspeakEngine(new ProgramSpeech(path, options, time), ParseVoices(Encoding.UTF8.GetString(listing.Output)), null);
    }

    /// <inheritdoc/>
    public Task<string?> SynthesizeAsync(SpeechVoice voice, string sentence, IPcmSink sink, CancellationToken cancellationToken) =>
        _program is null
            ? Task.FromResult(Trouble)
            : _program.SpeakByPipesAsync(["-v", voice.EngineVoice, "-b", "1", "--stdin", "--stdout"], sentence, sink, cancellationToken);

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        _program?.Dispose();
        return ValueTask.CompletedTask;
    }

    /// <summary>Lines as <c> 5  fr-fr  --/M  French_(France)  roa/fr  (fr 5)</c>: priority, language, gender, name, file, other languages.</summary>
    internal static IReadOnlyList<SpeechVoice> ParseVoices(string listing) =>
    [
        .. listing.Split('\n').Skip(1)
            .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            // mbrola voices need files that are not installed.
            .Where(columns => columns.Length >= 5 && !columns[4].StartsWith("mb/", StringComparison.Ordinal))
            .Select(columns => columns[1])
            .Distinct(StringComparer.OrdinalIgnoreCase)
            .Select(language => new SpeechVoice($"espeak-{language.ToLowerInvariant()}", language, language)),
    ];
}
