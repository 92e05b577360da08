using System.Collections.Frozen;
using System.Data.Common;
using System.Security.Cryptography;
using Sift.Activities.Webhooks;
using Sift.Web.Accounts;
using Sift.Web.Storage;

namespace Sift.Web.Deliveries;

/// <summary>A signing secret as it is listed: never the secret itself.</summary>
/// <param name="Hint">Its last four characters.</param>
/// <param name="ExpiresAt">When a rotated secret stops signing; null for never.</param>
internal sealed record WebhookSecretInfo(string Id, string Hint, DateTimeOffset CreatedAt, DateTimeOffset? ExpiresAt);

/// <summary>
/// The secrets that sign an account's callbacks, sealed at rest. At most two sign at a time, so that a receiver can move from one to the other
/// without losing a callback. Read from memory when a callback is signed; changes of other processes are seen within a second.
/// </summary>
internal sealed partial class WebhookSecretStore : IWebhookSecrets, IDisposable
{
    public const int MostActive = 2;

    /// <summary>How long the former secret goes on signing after a rotation, unless the request says otherwise.</summary>
    public static readonly TimeSpan Overlap = TimeSpan.FromHours(24);

    // The scheme asks for 24 to 64 bytes.
    private const int KeySize = 32;

    private readonly Database database;
    private readonly TokenSeal seal;
    private readonly ChangeMarks changes;
    private readonly TimeProvider time;
    private readonly ILogger<WebhookSecretStore> logger;
    private FrozenDictionary<string, Active[]>? cached;
    private int generation;

    public WebhookSecretStore(Database database, TokenSeal seal, ChangeMarks changes, TimeProvider time, ILogger<WebhookSecretStore> logger)
    {
        this.database = database;
        this.seal = seal;
        this.changes = changes;
        this.time = time;
        this.logger = logger;
        changes.Changed += Forget;
    }

    public async ValueTask<IReadOnlyList<WebhookSecret>> ForAccountAsync(string accountId, CancellationToken cancellationToken)
    {
        var all = Volatile.Read(ref cached) ?? await LoadAsync(cancellationToken);
        if (!all.TryGetValue(accountId, out var known))
        {
            return [];
        }

        var now = time.GetUtcNow();
        return [.. known.Where(secret => secret.ExpiresAt is not { } end || end > now).Take(MostActive).Select(secret => secret.Secret)];
    }

    /// <summary>The account's secrets that still sign, newest first.</summary>
    public async ValueTask<List<WebhookSecretInfo>> ListAsync(string accountId, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        return await ListAsync(connection, accountId, cancellationToken);
    }

    /// <summary>Adds a secret.</summary>
    /// <returns>Null when two are active already.</returns>
    public async ValueTask<(WebhookSecretInfo Info, string Secret)?> CreateAsync(string accountId, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        return (await ListAsync(connection, accountId, cancellationToken)).Count >= MostActive ? null : await AddAsync(connection, accountId, cancellationToken);
    }

    /// <summary>Adds a secret; the newest of the former ones signs beside it for the overlap, older ones stop at once.</summary>
    public async ValueTask<(WebhookSecretInfo Info, string Secret)> RotateAsync(string accountId, TimeSpan overlap, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        var former = await ListAsync(connection, accountId, cancellationToken);
        for (var i = 0; i < former.Count; i++)
        {
            var end = i == 0 ? time.GetUtcNow() + overlap : time.GetUtcNow();
            if (former[i].ExpiresAt is not { } earlier || earlier > end)
            {
                await connection.ExecuteAsync("UPDATE webhook_secrets SET expires_at = $2 WHERE id = $1", cancellationToken, former[i].Id, end.UtcTicks);
            }
        }

        return await AddAsync(connection, accountId, cancellationToken);
    }

    /// <returns>False when the account has no such secret.</returns>
    public async ValueTask<bool> RevokeAsync(string accountId, string id, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        var removed = await connection.ExecuteAsync("DELETE FROM webhook_secrets WHERE account_id = $1 AND id = $2", cancellationToken, accountId, id);
        await changes.RaiseAsync(ChangeTopic.WebhookSecrets, CancellationToken.None);
        return removed == 1;
    }

    public void Dispose() => changes.Changed -= Forget;

    private async ValueTask<(WebhookSecretInfo Info, string Secret)> AddAsync(DbConnection connection, string accountId, CancellationToken cancellationToken)
    {
        var base64 = Convert.ToBase64String(RandomNumberGenerator.GetBytes(KeySize));
        var secret = WebhookSecret.Prefix + base64;
        var info = new WebhookSecretInfo(Ids.New(), base64[^4..], time.GetUtcNow(), null);
        await connection.ExecuteAsync(
            "INSERT INTO webhook_secrets (id, account_id, sealed_secret, hint, created_at) VALUES ($1, $2, $3, $4, $5)",
            cancellationToken, info.Id, accountId, seal.Seal(Context(accountId, info.Id), secret), info.Hint, info.CreatedAt.UtcTicks);
        await changes.RaiseAsync(ChangeTopic.WebhookSecrets, CancellationToken.None);
        return (info, secret);
    }

    private async ValueTask<List<WebhookSecretInfo>> ListAsync(DbConnection connection, string accountId, CancellationToken cancellationToken)
    {
        await using var command = connection.Command(
            "SELECT id, hint, created_at, expires_at FROM webhook_secrets WHERE account_id = $1 AND (expires_at IS NULL OR expires_at > $2) ORDER BY created_at DESC, id DESC",
            accountId, time.GetUtcNow().UtcTicks);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var secrets = new List<WebhookSecretInfo>();
        while (await reader.ReadAsync(cancellationToken))
        {
            secrets.Add(new WebhookSecretInfo(reader.GetString(0), reader.GetString(1), reader.Time(2), reader.TimeOrNull(3)));
        }

        return secrets;
    }

    private async ValueTask<FrozenDictionary<string, Active[]>> LoadAsync(CancellationToken cancellationToken)
    {
        var began = Volatile.Read(ref generation);
        var found = new List<(string Account, Active Secret)>();
        await using (var connection = await database.OpenAsync(cancellationToken))
        await using (var command = connection.Command("SELECT id, account_id, sealed_secret, expires_at FROM webhook_secrets ORDER BY created_at DESC, id DESC"))
        await using (var reader = await command.ExecuteReaderAsync(cancellationToken))
        {
            while (await reader.ReadAsync(cancellationToken))
            {
                var (id, account) = (reader.GetString(0), reader.GetString(1));
                if (seal.Unseal(Context(account, id), (byte[])reader.GetValue(2)) is { } text && WebhookSecret.TryParse(text, out var secret))
                {
                    found.Add((account, new Active(secret!, reader.TimeOrNull(3))));
                }
                else
                {
                    LogUnreadable(id);
                }
            }
        }

        var loaded = found.GroupBy(entry => entry.Account, StringComparer.Ordinal)
            .ToFrozenDictionary(group => group.Key, group => group.Select(entry => entry.Secret).ToArray(), StringComparer.Ordinal);

        // A change that came while this was read must not be covered by it.
        if (Volatile.Read(ref generation) == began)
        {
            Volatile.Write(ref cached, loaded);
        }

        return loaded;
    }

    private void Forget(ChangeTopic topic)
    {
        if (topic == ChangeTopic.WebhookSecrets)
        {
            Interlocked.Increment(ref generation);
            Volatile.Write(ref cached, null);
        }
    }

    private static string Context(string accountId, string id) => $"webhook-secret:{accountId}:{id}";

    [LoggerMessage(1200, LogLevel.Error, "Webhook secret {Secret} was not sealed with the key of this data directory; it signs nothing")]
    private partial void LogUnreadable(string secret);

    private sealed record Active(WebhookSecret Secret, DateTimeOffset? ExpiresAt);
}
