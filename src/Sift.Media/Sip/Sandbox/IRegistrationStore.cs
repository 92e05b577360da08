namespace Sift.Media.Sip.Sandbox;

/// <summary>
/// Where the registrations of sandbox phones are kept, so that a restarted server reaches them before they register again. Those that came
/// over a stream are not kept: they end with their connection (RFC 5626 5.3).
/// </summary>
public interface IRegistrationStore
{
    /// <summary>What was kept and has not expired.</summary>
    /// <param name="cancellationToken">Gives up.</param>
    ValueTask<IReadOnlyList<StoredRegistration>> LoadAsync(CancellationToken cancellationToken);

    /// <summary>Keeps these in place of all that were kept for the number. Never blocks and never throws; written soon after.</summary>
    /// <param name="number">E.164 with a plus.</param>
    /// <param name="registrations">Empty when the number is registered nowhere.</param>
    void Keep(string number, IReadOnlyList<StoredRegistration> registrations);
}

/// <summary>One place where a sandbox phone can be reached.</summary>
/// <param name="Number">E.164 with a plus.</param>
/// <param name="Contact">The contact URI.</param>
/// <param name="Remote">Address and port the phone registered from, by UDP.</param>
/// <param name="CallId">Call-ID of the REGISTER, to tell an older one from a newer one.</param>
/// <param name="Sequence">Its CSeq number.</param>
/// <param name="Preference">The q value, 0 to 1.</param>
/// <param name="ExpiresAt">UTC.</param>
/// <param name="UserAgent">Null when the phone did not say.</param>
public sealed record StoredRegistration(string Number, string Contact, string Remote, string CallId, uint Sequence, double Preference, DateTimeOffset ExpiresAt, string? UserAgent);
