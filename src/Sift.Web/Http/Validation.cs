using FluentValidation;

namespace Sift.Web.Http;

/// <summary>Rules that several requests share. Messages complete a sentence that begins with the field's name.</summary>
internal static class Validation
{
    public const int LongestUrl = 2048;

    public static IRuleBuilderOptions<T, string?> E164<T>(this IRuleBuilder<T, string?> rule)
        => rule.Must(number => number is null || IsE164(number)).WithMessage("must be an E.164 number such as +15550100200");

    public static IRuleBuilderOptions<T, string?> WebUrl<T>(this IRuleBuilder<T, string?> rule)
        => rule.Must(url => url is null || IsWebUrl(url)).WithMessage($"must be an absolute http or https URL of at most {LongestUrl} characters");

    public static IRuleBuilderOptions<T, string?> Required<T>(this IRuleBuilder<T, string?> rule)
        => rule.Must(value => !string.IsNullOrWhiteSpace(value)).WithMessage("is required");

    /// <summary>ITU-T E.164: a plus, a country code that does not begin with 0, at most 15 digits in all.</summary>
    public static bool IsE164(string number)
        => number.Length is >= 8 and <= 16 && number[0] == '+' && number[1] is >= '1' and <= '9' && !number.AsSpan(1).ContainsAnyExceptInRange('0', '9');

    private static bool IsWebUrl(string url)
        => url.Length <= LongestUrl && Uri.TryCreate(url, UriKind.Absolute, out var parsed) && parsed is { Scheme: "http" or "https", Host.Length: > 0 };
}
