using System.Text.RegularExpressions;
using Sift.Activities.Routines;

namespace Sift.Activities.Commands;

/// <summary>Parameters that several commands take with one meaning.</summary>
internal static partial class SharedParameters
{
    public static UrlParameter OnDone { get; } = new("on_done", "Called when the command is done; a routine in the reply replaces the rest of this one.");

    public static FlagParameter Loop { get; } = new("loop", "Start again at the end, until the routine is replaced or the call ends.", false);

    public static TextParameter Voice { get; } = new("voice", "Name of the voice; the language's default voice when left out.") { MaxLength = 64 };

    public static PatternParameter Language { get; } = new("language", "BCP 47 tag of the text's language, for example en-US.", LanguageTag(), "must be a language tag such as en-US") { MaxLength = 35 };

    [GeneratedRegex("^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$")]
    private static partial Regex LanguageTag();
}
