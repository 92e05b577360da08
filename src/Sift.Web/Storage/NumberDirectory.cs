using System.Collections.Concurrent;
using System.Data.Common;
using System.Text.Json;
using Sift.Activities.Connections;

namespace Sift.Web.Storage;

/// <summary>Answers from memory who is called; forgets everything when applications, numbers or accounts change.</summary>
internal sealed class NumberDirectory : INumberDirectory, IDisposable
{
    private const int LargestCache = 50_000;

    private const string PlanColumns =
        "a.account_id, a.id, a.on_incoming, a.default_routine, a.answer, a.fallback_routine, a.fallback_url, a.workflow_id";

    private readonly Database database;
    private readonly ChangeMarks changes;
    private Cache cache = new();

    public NumberDirectory(Database database, ChangeMarks changes)
    {
        this.database = database;
        this.changes = changes;
        changes.Changed += Forget;
    }

    public ValueTask<ApplicationPlan?> FindByNumberAsync(string number, CancellationToken cancellationToken) => PlanAsync(
        ("number", number, ""),
        $"SELECT {PlanColumns} FROM phone_numbers n JOIN applications a ON a.id = n.application_id JOIN accounts c ON c.id = a.account_id WHERE n.number = $1 AND c.enabled = 1",
        [number],
        cancellationToken);

    public ValueTask<ApplicationPlan?> FindByApplicationAsync(string accountId, string applicationId, CancellationToken cancellationToken) => PlanAsync(
        ("application", applicationId, accountId),
        $"SELECT {PlanColumns} FROM applications a JOIN accounts c ON c.id = a.account_id WHERE a.id = $1 AND a.account_id = $2 AND c.enabled = 1",
        [applicationId, accountId],
        cancellationToken);

    public async ValueTask<string?> FirstNumberAsync(string accountId, CancellationToken cancellationToken)
    {
        // The generation is taken before the read: what was read before a change is never put where it would outlive it.
        var current = Volatile.Read(ref cache);
        if (current.FirstNumbers.TryGetValue(accountId, out var cached))
        {
            return cached;
        }

        await using var connection = await database.OpenAsync(cancellationToken);
        await using var command = connection.Command("SELECT number FROM phone_numbers WHERE account_id = $1 ORDER BY created_at, number LIMIT 1", accountId);
        var number = await command.ExecuteScalarAsync(cancellationToken) as string;
        current.FirstNumbers[accountId] = number;
        return number;
    }

    public void Dispose() => changes.Changed -= Forget;

    private void Forget(ChangeTopic topic)
    {
        if (topic is ChangeTopic.Numbers or ChangeTopic.Accounts)
        {
            Volatile.Write(ref cache, new Cache());
        }
    }

    private async ValueTask<ApplicationPlan?> PlanAsync((string, string, string) key, string sql, object?[] values, CancellationToken cancellationToken)
    {
        var current = Volatile.Read(ref cache);
        if (current.Plans.TryGetValue(key, out var cached))
        {
            return cached;
        }

        await using var connection = await database.OpenAsync(cancellationToken);
        await using var command = connection.Command(sql, values);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var plan = await reader.ReadAsync(cancellationToken) ? Plan(reader) : null;

        // Numbers that are not ours are dialled by strangers: they must not fill the memory.
        if (current.Plans.Count < LargestCache)
        {
            current.Plans[key] = plan;
        }

        return plan;
    }

    private static ApplicationPlan Plan(DbDataReader reader) => new(
        reader.GetString(0), reader.GetString(1), reader.TextOrNull(2), JsonOrNull(reader, 3), reader.GetString(4), JsonOrNull(reader, 5), reader.TextOrNull(6), reader.TextOrNull(7));

    private static JsonElement? JsonOrNull(DbDataReader reader, int column) => reader.TextOrNull(column) is { } json ? JsonElement.Parse(json) : null;

    private sealed class Cache
    {
        public ConcurrentDictionary<(string, string, string), ApplicationPlan?> Plans { get; } = new();

        public ConcurrentDictionary<string, string?> FirstNumbers { get; } = new(StringComparer.Ordinal);
    }
}
