using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Threading.Channels;
using Sift.Activities.Webhooks;
using Sift.Web.Observability;
using Sift.Web.Storage;

namespace Sift.Web.Deliveries;

internal enum EndpointState { Active, Paused, Disabled }

/// <summary>One receiving host of an account.</summary>
/// <param name="FailingSince">The first failure since the last success; null while it works.</param>
internal sealed record WebhookEndpoint(string AccountId, string Host, EndpointState State, string? Reason, DateTimeOffset? FailingSince, DateTimeOffset ChangedAt);

/// <summary>
/// Keeps which receivers are paused, failing or switched off. Attempts ask it from memory; it writes only when a receiver begins to fail, works
/// again, or changes its state, so that a healthy receiver costs no write.
/// </summary>
internal sealed partial class WebhookEndpoints : BackgroundService, IWebhookEndpoints
{
    /// <summary>A receiver that fails for that long without one success is switched off.</summary>
    public static readonly TimeSpan DisableAfter = TimeSpan.FromDays(5);

    private readonly Database database;
    private readonly ChangeMarks changes;
    private readonly AuditLog audit;
    private readonly TimeProvider time;
    private readonly ILogger<WebhookEndpoints> logger;
    private readonly ConcurrentDictionary<(string Account, string Host), WebhookEndpoint> endpoints = new();
    private readonly Channel<Func<CancellationToken, ValueTask>> writes = Channel.CreateUnbounded<Func<CancellationToken, ValueTask>>(new UnboundedChannelOptions { SingleReader = true });

    public WebhookEndpoints(Database database, ChangeMarks changes, AuditLog audit, TimeProvider time, ILogger<WebhookEndpoints> logger)
    {
        this.database = database;
        this.changes = changes;
        this.audit = audit;
        this.time = time;
        this.logger = logger;
        changes.Changed += OnChanged;
    }

    public override void Dispose()
    {
        changes.Changed -= OnChanged;
        base.Dispose();
    }

    public string? HeldBecause(string accountId, string host) => endpoints.GetValueOrDefault((accountId, host)) is { State: not EndpointState.Active } held
        ? held.State == EndpointState.Paused ? $"not sent: {host} is paused" : $"not sent: {host} was switched off after {DisableAfter.TotalDays:0} days of failures"
        : null;

    public void Report(string accountId, string host, bool isGood, DateTimeOffset at)
    {
        var known = endpoints.GetValueOrDefault((accountId, host));
        if (isGood)
        {
            if (known is { FailingSince: not null })
            {
                Change(known with { FailingSince = null, ChangedAt = at });
            }

            return;
        }

        if (known?.FailingSince is not { } since)
        {
            Change((known ?? new WebhookEndpoint(accountId, host, EndpointState.Active, null, null, at)) with { FailingSince = at, ChangedAt = at });
        }
        else if (known.State == EndpointState.Active && at - since >= DisableAfter)
        {
            var reason = $"failing since {since:u}";
            Change(known with { State = EndpointState.Disabled, Reason = reason, ChangedAt = at });
            LogDisabled(host, accountId, since);
            writes.Writer.TryWrite(cancellationToken => audit.WriteAsync(accountId, AuditLog.Server, "DisableEndpoint", host, reason, cancellationToken));
        }
    }

    /// <summary>What is known of the account's receivers; one that never failed and was never paused is not known.</summary>
    public IReadOnlyList<WebhookEndpoint> Of(string accountId) => [.. endpoints.Values.Where(endpoint => endpoint.AccountId == accountId).OrderBy(endpoint => endpoint.Host, StringComparer.Ordinal)];

    public WebhookEndpoint? Find(string accountId, string host) => endpoints.GetValueOrDefault((accountId, host));

    /// <summary>Sends nothing there until <see cref="ResumeAsync"/>.</summary>
    public ValueTask<WebhookEndpoint> PauseAsync(string accountId, string host, CancellationToken cancellationToken) => SetAsync(accountId, host, EndpointState.Paused, "paused by request", cancellationToken);

    /// <summary>Sends there again; the five days begin anew.</summary>
    public ValueTask<WebhookEndpoint> ResumeAsync(string accountId, string host, CancellationToken cancellationToken) => SetAsync(accountId, host, EndpointState.Active, null, cancellationToken);

    public async ValueTask LoadAsync(CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        await using var command = connection.Command("SELECT account_id, host, state, reason, failing_since, changed_at FROM webhook_endpoints");
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            var row = new WebhookEndpoint(reader.GetString(0), reader.GetString(1), Enum.Parse<EndpointState>(reader.GetString(2)), reader.TextOrNull(3), reader.TimeOrNull(4), reader.Time(5));

            // What this process knows may be newer than its row.
            endpoints.AddOrUpdate((row.AccountId, row.Host), row, (_, known) => known.ChangedAt > row.ChangedAt ? known : row);
        }
    }

    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        await LoadAsync(cancellationToken);
        await base.StartAsync(cancellationToken);
    }

    [SuppressMessage("Design", "CA1031", Justification = "The loop must outlive a database that is away for a while.")]
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await foreach (var write in writes.Reader.ReadAllAsync(stoppingToken))
        {
            try
            {
                await write(stoppingToken);
            }
            catch (Exception exception) when (exception is not OperationCanceledException)
            {
                LogFailed(exception);
            }
        }
    }

    private async ValueTask<WebhookEndpoint> SetAsync(string accountId, string host, EndpointState state, string? reason, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var known = endpoints.GetValueOrDefault((accountId, host)) ?? new WebhookEndpoint(accountId, host, state, reason, null, now);
        var changed = known with { State = state, Reason = reason, FailingSince = state == EndpointState.Active ? null : known.FailingSince, ChangedAt = now };
        endpoints[(accountId, host)] = changed;
        await SaveAsync(changed, cancellationToken);
        return changed;
    }

    private void Change(WebhookEndpoint endpoint)
    {
        endpoints[(endpoint.AccountId, endpoint.Host)] = endpoint;
        writes.Writer.TryWrite(cancellationToken => SaveAsync(endpoint, cancellationToken));
    }

    private async ValueTask SaveAsync(WebhookEndpoint endpoint, CancellationToken cancellationToken)
    {
        await using (var connection = await database.OpenAsync(cancellationToken))
        {
            await connection.ExecuteAsync(
                "INSERT INTO webhook_endpoints (account_id, host, state, reason, failing_since, changed_at) VALUES ($1, $2, $3, $4, $5, $6) "
                + "ON CONFLICT (account_id, host) DO UPDATE SET state = excluded.state, reason = excluded.reason, failing_since = excluded.failing_since, changed_at = excluded.changed_at "
                + "WHERE webhook_endpoints.changed_at <= excluded.changed_at",
                cancellationToken, endpoint.AccountId, endpoint.Host, endpoint.State.ToString(), endpoint.Reason, endpoint.FailingSince?.UtcTicks, endpoint.ChangedAt.UtcTicks);
        }

        await changes.RaiseAsync(ChangeTopic.WebhookEndpoints, CancellationToken.None);
    }

    private void OnChanged(ChangeTopic topic)
    {
        if (topic == ChangeTopic.WebhookEndpoints)
        {
            writes.Writer.TryWrite(LoadAsync);
        }
    }

    [LoggerMessage(1210, LogLevel.Warning, "Callbacks of account {Account} to {Host} are switched off: they have failed since {Since}")]
    private partial void LogDisabled(string host, string account, DateTimeOffset since);

    [LoggerMessage(1211, LogLevel.Warning, "The state of a webhook endpoint could not be written")]
    private partial void LogFailed(Exception exception);
}
