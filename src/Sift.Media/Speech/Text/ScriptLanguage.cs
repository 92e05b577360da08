namespace Sift.Media.Speech.Text;

/// <summary>
/// Guesses a language from the script of a text, for texts that come without one: an English voice would be silent on them. A Latin letter
/// anywhere means no guess.
/// </summary>
internal static class ScriptLanguage
{
    /// <summary>A BCP 47 tag; null when the text is Latin, mixed or has no letters.</summary>
    public static string? Of(string text)
    {
        string? found = null;
        foreach (var rune in text.EnumerateRunes())
        {
            switch (rune.Value)
            {
                case < 0x80 when System.Text.Rune.IsLetter(rune):
                    return null;
                // Kana settles it: Japanese text is full of Han characters.
                case >= 0x3040 and <= 0x30FF:
                    return "ja";
                case >= 0x3400 and <= 0x9FFF or >= 0x20000 and <= 0x323AF:
                    found ??= "cmn";
                    break;
                case >= 0xAC00 and <= 0xD7A3:
                    found ??= "ko";
                    break;
                case >= 0x0370 and <= 0x03FF:
                    found ??= "el";
                    break;
                case >= 0x0400 and <= 0x052F:
                    found ??= "ru";
                    break;
                case >= 0x0590 and <= 0x05FF:
                    found ??= "he";
                    break;
                case >= 0x0600 and <= 0x06FF:
                    found ??= "ar";
                    break;
                case >= 0x0900 and <= 0x097F:
                    found ??= "hi";
                    break;
                default:
                    break;
            }
        }

        return found;
    }
}
