namespace Sift.Media.Speech.Text;

/// <summary>
/// Cuts prepared text into sentences, so that the first can be heard while the rest is still being made. A cut too few costs a moment,
/// a cut too many costs the intonation: when in doubt it does not cut.
/// </summary>
public static class SentenceSplitter
{
    private static readonly HashSet<string> Abbreviations = new(StringComparer.OrdinalIgnoreCase)
    {
        "mr", "mrs", "ms", "dr", "prof", "sr", "jr", "st", "mt", "rev", "gen", "col", "capt", "lt", "sgt", "hon", "vs", "etc", "no", "nr",
        "inc", "ltd", "co", "corp", "dept", "approx", "ext", "tel", "ave", "blvd", "rd", "e.g", "i.e", "a.m", "p.m", "cf", "al", "fig", "vol",
        "jan", "feb", "mar", "apr", "jun", "jul", "aug", "sep", "sept", "oct", "nov", "dec",
        "bzw", "z.b", "d.h", "usw", "ca", "hr", "fr", "str", "mme", "mlle", "sra", "srta", "ud", "uds",
    };

    /// <summary>The sentences in order, none empty, none longer than <see cref="MaxLength"/>.</summary>
    public static IReadOnlyList<string> Split(string text)
    {
        var sentences = new List<string>();
        var start = 0;
        for (var i = 0; i < text.Length; i++)
        {
            if (EndsAt(text, start, i, out var next))
            {
                Add(sentences, text.AsSpan(start..next));
                start = next;
                i = next - 1;
            }
        }

        Add(sentences, text.AsSpan(start));
        return sentences;
    }

    private static bool EndsAt(string text, int start, int i, out int next)
    {
        next = i + 1;
        var c = text[i];
        if (c == '\n' || Unspaced.Contains(c))
        {
            next = SkipClosers(text, next);
            return true;
        }

        if (!Spaced.Contains(c))
        {
            return false;
        }

        while (next < text.Length && Spaced.Contains(text[next]))
        {
            next++;
        }

        var several = next - i > 1;
        next = SkipClosers(text, next);
        if (next < text.Length && !char.IsWhiteSpace(text[next]))
        {
            // "3.14", "example.com", "a.m.": the dot is inside a word.
            return false;
        }

        if (c != '.' || several)
        {
            return true;
        }

        var word = LastWord(text.AsSpan(start..i));
        var initial = word.Length == 1 && char.IsUpper(word[0]) && word[0] != 'I';
        var after = next;
        while (after < text.Length && char.IsWhiteSpace(text[after]))
        {
            after++;
        }

        var continues = after < text.Length && char.IsLower(text[after]);
        return after == text.Length || !(continues || initial || Abbreviations.GetAlternateLookup<ReadOnlySpan<char>>().Contains(word));
    }

    private static void Add(List<string> sentences, ReadOnlySpan<char> sentence)
    {
        sentence = sentence.Trim();
        while (sentence.Length > MaxLength)
        {
            var cut = CutPoint(sentence[..MaxLength]);
            sentences.Add(sentence[..cut].Trim().ToString());
            sentence = sentence[cut..].Trim();
        }

        if (!sentence.IsEmpty)
        {
            sentences.Add(sentence.ToString());
        }
    }

    /// <summary>After the last clause mark in the second half, else at the last space, else hard but not within a surrogate pair.</summary>
    private static int CutPoint(ReadOnlySpan<char> piece)
    {
        var clause = piece.LastIndexOfAny(",;:،、，；：—–");
        if (clause >= piece.Length / 3)
        {
            return clause + 1;
        }

        var space = piece.LastIndexOf(' ');
        return space > 0 ? space : char.IsHighSurrogate(piece[^1]) ? piece.Length - 1 : piece.Length;
    }

    private static ReadOnlySpan<char> LastWord(ReadOnlySpan<char> text)
    {
        var from = text.LastIndexOfAny(" \n(\"'“‘");
        return text[(from + 1)..];
    }

    private static int SkipClosers(string text, int at)
    {
        while (at < text.Length && Closers.Contains(text[at]))
        {
            at++;
        }

        return at;
    }

    /// <summary>Characters of the longest sentence.</summary>
    public const int MaxLength = 300;

    // Marks that need white space after them, and marks of scripts that do not put any (with danda, Arabic and Armenian full stops).
    private const string Spaced = ".!?…؟۔։‽";
    private const string Unspaced = "。！？｡．।॥";
    private const string Closers = "\"')]}”’»」』）";
}
