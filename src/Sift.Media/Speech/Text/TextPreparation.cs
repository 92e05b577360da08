using System.Globalization;
using System.Text;

namespace Sift.Media.Speech.Text;

/// <summary>Makes any text safe to hand to an engine: plain words, no controls, no monsters.</summary>
public static class TextPreparation
{
    /// <summary>
    /// Strips control and formatting characters and broken surrogates, joins white space, breaks words that are too long (flite does not
    /// finish a word of 5,000 letters) and parts doubled square brackets (espeak-ng takes them for phoneme code).
    /// Line breaks stay, they end sentences.
    /// </summary>
    public static string Clean(string text)
    {
        var clean = new StringBuilder(text.Length);
        var run = 0;
        foreach (var rune in text.EnumerateRunes())
        {
            if (rune.Value == '\n')
            {
                Trim(clean);
                clean.Append('\n');
                run = 0;
            }
            else if (Rune.IsWhiteSpace(rune) || IsRemoved(rune))
            {
                if (IsJoiner(rune))
                {
                    continue;
                }

                if (clean.Length > 0 && clean[^1] is not (' ' or '\n'))
                {
                    clean.Append(' ');
                }

                run = 0;
            }
            else
            {
                if (run == MaxWordLength || (rune.Value == '[' && clean.Length > 0 && clean[^1] == '['))
                {
                    clean.Append(' ');
                    run = 0;
                }

                clean.Append(rune.ToString());
                run++;
            }
        }

        return clean.ToString().Trim();
    }

    /// <summary>
    /// Rewrites text for an engine that reads ASCII only: accents are dropped, typographic signs become plain ones, anything else a space.
    /// </summary>
    public static string ToAscii(string text)
    {
        var plain = new StringBuilder(text.Length);
        foreach (var c in text)
        {
            _ = c switch
            {
                < '\u0080' => plain.Append(c),
                '\u2018' or '\u2019' or '\u02BC' => plain.Append('\''),
                '\u201C' or '\u201D' or '«' or '»' => plain.Append('"'),
                '\u2013' or '\u2014' => plain.Append(", "),
                '\u2026' => plain.Append("..."),
                'ß' => plain.Append("ss"),
                'æ' => plain.Append("ae"),
                'Æ' => plain.Append("Ae"),
                'ø' => plain.Append('o'),
                'Ø' => plain.Append('O'),
                'ł' => plain.Append('l'),
                'Ł' => plain.Append('L'),
                '€' => plain.Append(" euros "),
                '£' => plain.Append(" pounds "),
                '°' => plain.Append(" degrees "),
                _ when CharUnicodeInfo.GetUnicodeCategory(c) is UnicodeCategory.NonSpacingMark => plain,
                _ => plain.Append(Accented.IndexOf(c, StringComparison.Ordinal) is >= 0 and var at ? Plain[at] : ' '),
            };
        }

        return plain.ToString();
    }

    private static bool IsRemoved(Rune rune) =>
        rune == Rune.ReplacementChar
        || Rune.GetUnicodeCategory(rune) is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned or UnicodeCategory.Surrogate;

    // Zero-width joiners, direction marks and soft hyphens stand inside words: they vanish, they do not part.
    private static bool IsJoiner(Rune rune) => Rune.GetUnicodeCategory(rune) is UnicodeCategory.Format;

    private static void Trim(StringBuilder text)
    {
        while (text.Length > 0 && text[^1] == ' ')
        {
            text.Length--;
        }
    }

    // Sift runs without ICU, where string.Normalize does not decompose: the letters of Latin-1 and Latin Extended-A by hand.
    private const string Accented = "ÀÁÂÃÄÅÇÈÉÊËÌÍÎÏÑÒÓÔÕÖÙÚÛÜÝàáâãäåçèéêëìíîïñòóôõöùúûüýÿĀāĂăĄąĆćČčĎďĐđĒēĖėĘęĚěĞğĢģĪīĮįİıĶķĻļĽľŃńŅņŇňŌōŐőŔŕŘřŚśŞşŠšŢţŤťŪūŮůŰűŲųŸŹźŻżŽž";
    private const string Plain = "AAAAAACEEEEIIIINOOOOOUUUUYaaaaaaceeeeiiiinooooouuuuyyAaAaAaCcCcDdDdEeEeEeEeGgGgIiIiIiKkLlLlNnNnNnOoOoRrRrSsSsSsTtTtUuUuUuUuYZzZzZz";

    /// <summary>Characters of a word; longer ones are broken.</summary>
    public const int MaxWordLength = 50;
}
