using System.Net;

namespace Sift.Media.Sip.Resolution;

/// <summary>Look-ups in the domain name system, so that tests need no network. None of them throws: what cannot be had is empty.</summary>
internal interface IDnsRecords
{
    /// <summary>A and AAAA records.</summary>
    Task<DnsAnswer<IPAddress>> AddressesAsync(string name, CancellationToken cancellationToken);

    /// <summary>RFC 2782.</summary>
    Task<DnsAnswer<SrvRecord>> ServicesAsync(string name, CancellationToken cancellationToken);

    /// <summary>RFC 3403.</summary>
    Task<DnsAnswer<NaptrRecord>> PointersAsync(string name, CancellationToken cancellationToken);
}

/// <summary>What a look-up gave.</summary>
/// <param name="ValidFor">The shortest time to live among the records.</param>
internal sealed record DnsAnswer<T>(IReadOnlyList<T> Records, TimeSpan ValidFor)
{
    public static DnsAnswer<T> None { get; } = new([], TimeSpan.MaxValue);
}

/// <param name="Target">Without the final dot; empty when the service is decidedly not offered (RFC 2782).</param>
internal sealed record SrvRecord(int Priority, int Weight, int Port, string Target);

/// <param name="Flags">"S" when the replacement is the name of SRV records.</param>
/// <param name="Service">For example <c>SIP+D2U</c>.</param>
/// <param name="Replacement">Without the final dot.</param>
internal sealed record NaptrRecord(int Order, int Preference, string Flags, string Service, string Replacement);
