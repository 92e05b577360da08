using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Claims;
using System.Threading.RateLimiting;
using Sift.Web.Hosting;

namespace Sift.Web.Http;

/// <summary>
/// One token bucket for each account, four seconds of its rate deep; who is not signed in has none. A bucket is filled when it is asked:
/// the framework's own middleware wakes the server ten times a second for that, whether anybody asks or not.
/// </summary>
internal sealed class AccountRateLimit(RequestDelegate next, ApiOptions api)
{
    // No more of them than accounts.
    private readonly ConcurrentDictionary<string, TokenBucketRateLimiter> buckets = new(StringComparer.Ordinal);

    public async Task InvokeAsync(HttpContext http)
    {
        if (http.User.FindFirst(ClaimTypes.NameIdentifier)?.Value is not { } account)
        {
            await next(http);
            return;
        }

        var bucket = buckets.GetOrAdd(account, static (_, rate) => BucketOf(rate), api.RequestsPerSecond);
        bucket.TryReplenish();
        using var lease = bucket.AttemptAcquire();
        if (lease.IsAcquired)
        {
            await next(http);
            return;
        }

        var wait = lease.TryGetMetadata(MetadataName.RetryAfter, out var after) ? Math.Ceiling(after.TotalSeconds) : 1;
        http.Response.Headers.RetryAfter = Math.Max(1, wait).ToString(CultureInfo.InvariantCulture);
        await Problems.Of(StatusCodes.Status429TooManyRequests, "Too many requests from this account.").ExecuteAsync(http);
    }

    private static TokenBucketRateLimiter BucketOf(int requestsPerSecond) => new(new TokenBucketRateLimiterOptions
    {
        TokenLimit = 4 * requestsPerSecond,
        TokensPerPeriod = Math.Max(1, requestsPerSecond / 10),
        ReplenishmentPeriod = TimeSpan.FromMilliseconds(100),
        QueueLimit = 0,
        AutoReplenishment = false,
    });
}
