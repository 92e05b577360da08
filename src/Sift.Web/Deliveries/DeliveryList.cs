using System.Data.Common;
using System.Text;
using Sift.Activities.Webhooks;
using Sift.Web.Storage;
using Sift.Web.Storage.Nodes;

namespace Sift.Web.Deliveries;

/// <summary>A delivery as lists show it, without its body.</summary>
/// <param name="Error">Why the last attempt failed; null when it did not, or there was none.</param>
internal sealed record DeliveryItem(
    string Id, string? ConnectionId, string Kind, string Url, DeliveryMode Mode, DeliveryState State, DateTimeOffset CreatedAt, int Attempts, DateTimeOffset? NextAttemptAt, bool Sensitive, int? LastStatus, string? Error);

/// <summary>What a list of deliveries is narrowed to; null for all.</summary>
internal sealed record DeliveryFilter(IReadOnlyList<DeliveryState>? States, string? Kind, string? ConnectionId, DateTimeOffset? After = null, DateTimeOffset? Before = null)
{
    public static DeliveryFilter None { get; } = new(null, null, null);
}

/// <summary>What became of the deliveries caused in one minute; those still under way are not in it.</summary>
internal readonly record struct MinuteOutcomes(int Succeeded, int Failed);

/// <summary>Reads deliveries for people: lists, counts, and those that wait for an endpoint.</summary>
internal sealed class DeliveryList(Database database)
{
    private const string Columns =
        "d.id, d.connection_id, d.kind, d.url, d.mode, d.state, d.created_at, d.attempts, d.next_attempt_at, d.sensitive, a.status, a.error";

    private const string From = "deliveries d LEFT JOIN delivery_attempts a ON a.delivery_id = d.id AND a.number = d.attempts";

    /// <summary>One page, newest first, one row more than asked for when there are more.</summary>
    public async ValueTask<List<DeliveryItem>> ListAsync(string accountId, DeliveryFilter filter, PageRequest page, CancellationToken cancellationToken)
    {
        var (where, values) = Where(accountId, filter);
        var sql = new StringBuilder($"SELECT {Columns} FROM {From} WHERE {where}");
        page.AppendTo(sql, values, "d.created_at", "d.id");
        await using var connection = await database.OpenAsync(cancellationToken);
        await using var command = connection.Command(sql.ToString(), [.. values]);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var items = new List<DeliveryItem>();
        while (await reader.ReadAsync(cancellationToken))
        {
            items.Add(Read(reader));
        }

        return items;
    }

    /// <summary>The ids of at most <paramref name="limit"/> deliveries, oldest first.</summary>
    public async ValueTask<List<string>> IdsAsync(string accountId, DeliveryFilter filter, int limit, CancellationToken cancellationToken)
    {
        var (where, values) = Where(accountId, filter);
        values.Add(limit);
        await using var connection = await database.OpenAsync(cancellationToken);
        await using var command = connection.Command($"SELECT d.id FROM deliveries d WHERE {where} ORDER BY d.created_at, d.id LIMIT ${values.Count}", [.. values]);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var ids = new List<string>();
        while (await reader.ReadAsync(cancellationToken))
        {
            ids.Add(reader.GetString(0));
        }

        return ids;
    }

    /// <summary>The deliveries that were not sent because their endpoint was paused or switched off, oldest first.</summary>
    public async ValueTask<List<DeliveryKey>> HeldAsync(string accountId, string host, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        await using var command = connection.Command(
            "SELECT id, connection_id, url FROM deliveries WHERE account_id = $1 AND state = 'Scheduled' AND next_attempt_at IS NULL AND waits_for IS NULL ORDER BY created_at, id", accountId);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var held = new List<DeliveryKey>();
        while (await reader.ReadAsync(cancellationToken))
        {
            if (WebhookHost.Of(reader.GetString(2)) == host)
            {
                held.Add(new DeliveryKey(reader.GetString(0), reader.TextOrNull(1)));
            }
        }

        return held;
    }

    /// <summary>How many deliveries the account has in each state.</summary>
    public async ValueTask<IReadOnlyDictionary<DeliveryState, long>> CountsAsync(string accountId, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        await using var command = connection.Command("SELECT state, COUNT(*) FROM deliveries WHERE account_id = $1 GROUP BY state", accountId);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var counts = new Dictionary<DeliveryState, long>();
        while (await reader.ReadAsync(cancellationToken))
        {
            counts[Enum.Parse<DeliveryState>(reader.GetString(0))] = reader.GetInt64(1);
        }

        return counts;
    }

    /// <summary>What became of the deliveries caused in each of the last minutes, oldest first.</summary>
    public async ValueTask<MinuteOutcomes[]> OutcomesAsync(string accountId, DateTimeOffset now, int minutes, CancellationToken cancellationToken)
    {
        var first = (now.UtcTicks / TimeSpan.TicksPerMinute) - minutes + 1;
        var outcomes = new MinuteOutcomes[minutes];
        await using var connection = await database.OpenAsync(cancellationToken);
        await using var command = connection.Command(
            "SELECT created_at / 600000000, state, COUNT(*) FROM deliveries WHERE account_id = $1 AND created_at >= $2 GROUP BY 1, 2", accountId, first * TimeSpan.TicksPerMinute);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            var index = reader.GetInt64(0) - first;
            if (index >= 0 && index < minutes)
            {
                var (succeeded, failed) = outcomes[index];
                outcomes[index] = Enum.Parse<DeliveryState>(reader.GetString(1)) switch
                {
                    DeliveryState.Succeeded => new MinuteOutcomes(succeeded + reader.GetInt32(2), failed),
                    DeliveryState.Dead or DeliveryState.Aborted or DeliveryState.Expired => new MinuteOutcomes(succeeded, failed + reader.GetInt32(2)),
                    _ => outcomes[index],
                };
            }
        }

        return outcomes;
    }

    /// <summary>Servers that deliver: with PostgreSQL those whose lease is alive, else this one.</summary>
    public async ValueTask<int> NodesAsync(CancellationToken cancellationToken)
    {
        if (database.Kind != DatabaseKind.Postgres)
        {
            return 1;
        }

        await using var connection = await database.OpenAsync(cancellationToken);
        await using var command = connection.Command($"SELECT COUNT(*) FROM nodes WHERE heir IS NULL AND expires_at > {NodeLease.Now}");
        return Math.Max(1, Convert.ToInt32(await command.ExecuteScalarAsync(cancellationToken), System.Globalization.CultureInfo.InvariantCulture));
    }

    private static (string Where, List<object?> Values) Where(string accountId, DeliveryFilter filter)
    {
        var sql = new StringBuilder("d.account_id = $1");
        var values = new List<object?> { accountId };
        if (filter.States is { Count: > 0 } states)
        {
            sql.Append(" AND d.state IN (").AppendJoin(", ", states.Select(state => Next(state.ToString()))).Append(')');
        }

        Add("d.kind =", filter.Kind);
        Add("d.connection_id =", filter.ConnectionId);
        Add("d.created_at >=", filter.After?.UtcTicks);
        Add("d.created_at <", filter.Before?.UtcTicks);
        return (sql.ToString(), values);

        void Add(string condition, object? value)
        {
            if (value is not null)
            {
                sql.Append($" AND {condition} {Next(value)}");
            }
        }

        string Next(object value)
        {
            values.Add(value);
            return $"${values.Count}";
        }
    }

    private static DeliveryItem Read(DbDataReader reader) => new(
        reader.GetString(0),
        reader.TextOrNull(1),
        reader.GetString(2),
        reader.GetString(3),
        Enum.Parse<DeliveryMode>(reader.GetString(4)),
        Enum.Parse<DeliveryState>(reader.GetString(5)),
        reader.Time(6),
        reader.GetInt32(7),
        reader.TimeOrNull(8),
        reader.GetInt32(9) != 0,
        reader.IntOrNull(10),
        reader.TextOrNull(11));
}
