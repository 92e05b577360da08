namespace Sift.Activities.Webhooks;

/// <summary>
/// What is known of the servers that receive callbacks, per account and host: whether a person paused one, or it was switched off because it
/// failed for days. The storage of the web project keeps it.
/// </summary>
public interface IWebhookEndpoints
{
    /// <summary>Why nothing may be sent to that host for that account now; null when it may. Answers from memory.</summary>
    string? HeldBecause(string accountId, string host);

    /// <summary>Hears the result of every attempt that reached the network. Must not block.</summary>
    /// <param name="accountId">The account that the delivery belongs to.</param>
    /// <param name="host">Host and port, as <see cref="WebhookHost.Of"/> gives them.</param>
    /// <param name="isGood">True for an answer of the 2xx class.</param>
    /// <param name="at">When, UTC.</param>
    void Report(string accountId, string host, bool isGood, DateTimeOffset at);
}

/// <summary>Names the receiving end of a URL.</summary>
public static class WebhookHost
{
    /// <summary>Host and port in lower case, the port left out when it is the scheme's own; empty for what is no URL.</summary>
    public static string Of(string url) => Uri.TryCreate(url, UriKind.Absolute, out var parsed) ? parsed.Authority.ToLowerInvariant() : "";
}

/// <summary>The circuit breaker of one receiving host at one moment.</summary>
/// <param name="Host">Host and port.</param>
/// <param name="Failures">Attempts that failed in a row.</param>
/// <param name="IsOpen">True while attempts are answered without being made.</param>
/// <param name="UnderWay">Requests on the wire now.</param>
public sealed record HostCondition(string Host, int Failures, bool IsOpen, int UnderWay);
