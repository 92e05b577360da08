using Microsoft.EntityFrameworkCore;

namespace Sift.Web.Storage;

/// <summary>Which numbers there are to register: configured, imported, and with the sandbox on fictitious ones.</summary>
/// <param name="configured">E.164 numbers by country code.</param>
internal sealed class NumberInventory(IReadOnlyDictionary<string, IReadOnlyList<string>> configured, bool sandbox, IDbContextFactory<SiftDbContext> contexts)
{
    /// <summary>A phone of the guide, registered by SIP: it must not be sold to anybody.</summary>
    public const string GuidePhone = "+15554443333";

    private const int FictitiousPerCountry = 10_000;

    // Ranges that no carrier gives out, four digits each: 555 codes for North America (020 and 021; 010 has the sandbox's magic numbers), the
    // drama numbers of Ofcom and ACMA, and for the others unassigned codes.
    private static readonly Dictionary<string, string> Fictitious = new(StringComparer.Ordinal)
    {
        ["US"] = "+1555020",
        ["CA"] = "+1555021",
        ["GB"] = "+44770090",
        ["AU"] = "+6149157",
        ["DE"] = "+49152555",
        ["FR"] = "+3365555",
        ["ES"] = "+3460055",
        ["IT"] = "+3935555",
        ["NL"] = "+3165555",
        ["SE"] = "+4674055",
        ["MX"] = "+52555555",
        ["BR"] = "+551195555",
        ["IN"] = "+91555555",
        ["JP"] = "+81505555",
    };

    public async ValueTask<bool> HasAsync(string number, CancellationToken cancellationToken)
    {
        if (number == GuidePhone)
        {
            return false;
        }

        if (configured.Values.Any(numbers => numbers.Contains(number, StringComparer.Ordinal))
            || (sandbox && Fictitious.Values.Any(prefix => number.Length == prefix.Length + 4 && number.StartsWith(prefix, StringComparison.Ordinal))))
        {
            return true;
        }

        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        return await context.InventoryNumbers.AnyAsync(row => row.Number == number, cancellationToken);
    }

    /// <summary>Numbers of a country that nobody has registered, in their order, behind <paramref name="after"/>.</summary>
    public async ValueTask<List<string>> AvailableAsync(string country, string? after, int count, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var taken = (await context.PhoneNumbers.AsNoTracking().Select(row => row.Number).ToListAsync(cancellationToken)).ToHashSet(StringComparer.Ordinal);
        var imported = await context.InventoryNumbers.AsNoTracking().Where(row => row.Country == country).Select(row => row.Number).ToListAsync(cancellationToken);
        return
        [
            .. configured.GetValueOrDefault(country, []).Concat(imported).Concat(FictitiousOf(country))
                .Distinct(StringComparer.Ordinal)
                .Order(StringComparer.Ordinal)
                .Where(number => number != GuidePhone && (after is null || string.CompareOrdinal(number, after) > 0) && !taken.Contains(number))
                .Take(count),
        ];
    }

    private IEnumerable<string> FictitiousOf(string country) => sandbox && Fictitious.TryGetValue(country, out var prefix)
        ? Enumerable.Range(1, FictitiousPerCountry - 1).Select(n => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{prefix}{n:D4}"))
        : [];
}
