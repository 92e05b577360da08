namespace Sift.Protocols.Sip.Messages;

/// <summary>Who refreshes a session (RFC 4028 section 4).</summary>
public enum SessionRefresher
{
    Unspecified,
    Uac,
    Uas,
}

/// <summary>Session-Expires (RFC 4028 section 4).</summary>
public readonly record struct SessionExpires(uint Seconds, SessionRefresher Refresher)
{
    public static bool TryParse(ReadOnlySpan<char> text, out SessionExpires value)
    {
        value = default;
        if (!DeltaSeconds.TryParse(text, out var seconds, out var parameters))
        {
            return false;
        }

        SessionRefresher? refresher = parameters.Get("refresher")?.ToLowerInvariant() switch
        {
            "uac" => SessionRefresher.Uac,
            "uas" => SessionRefresher.Uas,
            null => SessionRefresher.Unspecified,
            _ => null,
        };
        if (refresher is null)
        {
            return false;
        }

        value = new SessionExpires(seconds, refresher.Value);
        return true;
    }

    public override string ToString() => Refresher switch
    {
        SessionRefresher.Uac => $"{Seconds};refresher=uac",
        SessionRefresher.Uas => $"{Seconds};refresher=uas",
        SessionRefresher.Unspecified => $"{Seconds}",
    };
}
