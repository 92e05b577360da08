using Sift.Media.Speech.Text;

namespace Sift.Media.Speech;

/// <summary>The voices that are installed, and which one speaks a text.</summary>
public sealed class SpeechCatalogue
{
    private static readonly Dictionary<string, string> Aliases = new(StringComparer.OrdinalIgnoreCase)
    {
        ["zh"] = "cmn", ["zh-hk"] = "yue", ["no"] = "nb", ["iw"] = "he", ["in"] = "id", ["tl"] = "fil", ["es-mx"] = "es-419", ["en"] = "en-US",
    };

    private readonly SpeechOptions _options;
    private readonly List<(ISpeechEngine Engine, SpeechVoice Voice)> _voices;

    /// <summary>Lists the voices of the engines; where two engines have a voice of one name or language, the earlier engine wins.</summary>
    public SpeechCatalogue(IEnumerable<ISpeechEngine> engines, SpeechOptions options)
    {
        _options = options;
        Engines = [.. engines];
        _voices = [.. Engines.SelectMany(engine => engine.Voices.Select(voice => (engine, voice)))];
    }

    /// <summary>All engines, usable or not (see <see cref="ISpeechEngine.Trouble"/>).</summary>
    public IReadOnlyList<ISpeechEngine> Engines { get; }

    /// <summary>All voices, in order of preference.</summary>
    public IEnumerable<SpeechVoice> Voices => _voices.Select(entry => entry.Voice);

    /// <summary>
    /// Finds who speaks. A named voice is taken as it is; else the language decides (RFC 4647 lookup: <c>fr-CA</c> falls back to <c>fr</c>);
    /// else the default language, unless the text is in a script that it cannot read.
    /// </summary>
    /// <returns>False with an error that lists the choices.</returns>
    public bool TryChoose(string? voice, string? language, string text, out (ISpeechEngine Engine, SpeechVoice Voice) chosen, out string? error)
    {
        error = null;
        if (voice is not null)
        {
            chosen = _voices.Find(entry => Same(entry.Voice.Name, voice));
            error = chosen.Engine is null ? $"there is no voice \"{voice}\"; {Choices(_voices.Select(entry => entry.Voice.Name))}" : null;
            return chosen.Engine is not null;
        }

        var tag = language ?? ScriptLanguage.Of(text) ?? _options.DefaultLanguage;
        for (var range = tag; range.Length > 0; range = range[..Math.Max(range.LastIndexOf('-'), 0)])
        {
            if (_options.Languages.TryGetValue(range, out var configured) && _voices.Find(entry => Same(entry.Voice.Name, configured)) is { Engine: not null } found)
            {
                chosen = found;
                return true;
            }

            chosen = Speaks(range);
            if (chosen.Engine is not null)
            {
                return true;
            }
        }

        chosen = default;
        error = $"no voice speaks \"{tag}\"; {Choices(_voices.Select(entry => entry.Voice.Language).Distinct(StringComparer.OrdinalIgnoreCase))}";
        return false;
    }

    private (ISpeechEngine Engine, SpeechVoice Voice) Speaks(string range)
    {
        var exact = _voices.Find(entry => Same(entry.Voice.Language, range));
        if (exact.Engine is null && Aliases.TryGetValue(range, out var alias))
        {
            exact = _voices.Find(entry => Same(entry.Voice.Language, alias));
        }

        // "fr" is also spoken by "fr-fr", which is all that espeak-ng has.
        return exact.Engine is not null ? exact : _voices.Find(entry => entry.Voice.Language.StartsWith(range + "-", StringComparison.OrdinalIgnoreCase));
    }

    private static string Choices(IEnumerable<string> names)
    {
        var all = names.ToArray();
        return all.Length == 0
            ? "no speech engine is installed (apt install flite espeak-ng)"
            : $"the choices are {string.Join(", ", all.Take(MaxListed))}{(all.Length > MaxListed ? $" and {all.Length - MaxListed} more" : "")}";
    }

    private static bool Same(string a, string b) => string.Equals(a, b, StringComparison.OrdinalIgnoreCase);

    private const int MaxListed = 12;
}
