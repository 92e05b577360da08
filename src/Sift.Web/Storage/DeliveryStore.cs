using System.Data.Common;
using System.Runtime.CompilerServices;
using Sift.Activities.Webhooks;
using Sift.Web.Storage.GroupCommit;
using Sift.Web.Storage.Nodes;

namespace Sift.Web.Storage;

internal sealed class DeliveryStore(Database database, GroupCommitWriter writer, Node node, NodeLease lease, TimeProvider time) : IDeliveryStore
{
    private const string Columns =
        "id, account_id, connection_id, instance_id, kind, url, body, mode, created_at, state, attempts, next_attempt_at, deadline, sensitive, in_call_attempts, waits_for";

    private const int PageSize = 500;

    public ValueTask AddAsync(Delivery delivery, CancellationToken cancellationToken) => writer.WriteAsync(null, [delivery], cancellationToken);

    public ValueTask RecordAsync(Delivery delivery, DeliveryAttempt attempt, CancellationToken cancellationToken)
        => writer.WriteAsync(null, [new DeliveryProgress(delivery), attempt], isPatient: true, cancellationToken);

    public ValueTask SaveAsync(Delivery delivery, CancellationToken cancellationToken)
        => writer.WriteAsync(null, [new DeliveryProgress(delivery)], isPatient: true, cancellationToken);

    public async ValueTask<Delivery?> FindAsync(string id, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        await using var command = connection.Command($"SELECT {Columns} FROM deliveries WHERE id = $1", id);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken) ? Read(reader) : null;
    }

    public async ValueTask<Delivery?> ClaimAsync(string id, CancellationToken cancellationToken)
    {
        const string Open = "id = $1 AND state IN ('Pending', 'Scheduled') AND (claimed_by = $2 OR claimed_by IS NULL)";

        // A file has one node, which is never without a claim: there is nothing to write.
        var sql = node.IsShared ? $"UPDATE deliveries SET claimed_by = $2, waits_for = NULL WHERE {Open} RETURNING {Columns}" : $"SELECT {Columns} FROM deliveries WHERE {Open}";
        await using var connection = await database.OpenAsync(cancellationToken);
        await using var command = connection.Command(sql, id, node.Id);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken) ? Read(reader) : null;
    }

    public async IAsyncEnumerable<DeliveryKey> OwnedAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var (createdAt, id) = (long.MinValue, "");
        while (true)
        {
            var page = new List<(DeliveryKey Key, long CreatedAt)>();
            await using (var connection = await database.OpenAsync(cancellationToken))
            await using (var command = connection.Command(
                "SELECT id, connection_id, created_at FROM deliveries WHERE state IN ('Pending', 'Scheduled') AND waits_for IS NULL AND claimed_by = $1 AND (created_at, id) > ($2, $3) ORDER BY created_at, id LIMIT $4",
                node.Id, createdAt, id, PageSize))
            await using (var reader = await command.ExecuteReaderAsync(cancellationToken))
            {
                while (await reader.ReadAsync(cancellationToken))
                {
                    page.Add((new DeliveryKey(reader.GetString(0), reader.TextOrNull(1)), reader.GetInt64(2)));
                }
            }

            foreach (var (key, _) in page)
            {
                yield return key;
            }

            if (page.Count < PageSize)
            {
                yield break;
            }

            (createdAt, id) = (page[^1].CreatedAt, page[^1].Key.Id);
        }
    }

    public async ValueTask<IReadOnlyList<DeliveryKey>> OverdueAsync(DateTimeOffset before, int limit, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        await using var command = connection.Command(
            "SELECT id, connection_id FROM deliveries WHERE state IN ('Pending', 'Scheduled') AND (claimed_by IS NULL OR claimed_by = $1) AND next_attempt_at < $2 "
            + "ORDER BY claimed_by IS NOT NULL, created_at, id LIMIT $3", node.Id, before.UtcTicks, limit);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var overdue = new List<DeliveryKey>();
        while (await reader.ReadAsync(cancellationToken))
        {
            overdue.Add(new DeliveryKey(reader.GetString(0), reader.TextOrNull(1)));
        }

        return overdue;
    }

    public async ValueTask<IReadOnlyList<string>> AwaitedHostsAsync(CancellationToken cancellationToken)
    {
        // One look into the index per host, not per event as DISTINCT would have it.
        const string Sql =
            """
            WITH RECURSIVE awaited (host) AS (
              SELECT MIN(waits_for) FROM deliveries WHERE waits_for IS NOT NULL
              UNION ALL SELECT (SELECT MIN(d.waits_for) FROM deliveries d WHERE d.waits_for > a.host) FROM awaited a WHERE a.host IS NOT NULL)
            SELECT host FROM awaited WHERE host IS NOT NULL
            """;
        await using var connection = await database.OpenAsync(cancellationToken);
        return await connection.TextsAsync(Sql, cancellationToken);
    }

    public async ValueTask<IReadOnlyList<Delivery>> TakeWaitingAsync(string host, DateTimeOffset causedBefore, int limit, CancellationToken cancellationToken)
    {
        // Due from now on: should this process fail to send it, it is found as overdue.
        var sql = "UPDATE deliveries SET claimed_by = $1, waits_for = NULL, next_attempt_at = $2 WHERE id IN (SELECT id FROM deliveries WHERE waits_for = $3 AND created_at < $4 "
            + $"ORDER BY created_at, id LIMIT $5{(node.IsShared ? " FOR UPDATE SKIP LOCKED" : "")}) RETURNING {Columns}";
        await using var connection = await database.OpenAsync(cancellationToken);
        await using var command = connection.Command(sql, node.Id, time.GetUtcNow().UtcTicks, host, causedBefore.UtcTicks, limit);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var taken = new List<Delivery>();
        while (await reader.ReadAsync(cancellationToken))
        {
            taken.Add(Read(reader));
        }

        // An update returns its rows in any order.
        return [.. taken.OrderBy(static delivery => delivery.CreatedAt).ThenBy(static delivery => delivery.Id, StringComparer.Ordinal)];
    }

    public ValueTask ReadyAsync(CancellationToken cancellationToken) => lease.WaitUntilHeldAsync(cancellationToken);

    public ValueTask ReopenAsync(Delivery delivery, CancellationToken cancellationToken) => writer.WriteAsync(null, [new DeliveryReopened(delivery)], cancellationToken);

    public async ValueTask<IReadOnlyList<DeliveryAttempt>> AttemptsAsync(string deliveryId, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        await using var command = connection.Command(
            "SELECT number, at, took, status, error, response_body FROM delivery_attempts WHERE delivery_id = $1 ORDER BY number", deliveryId);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var attempts = new List<DeliveryAttempt>();
        while (await reader.ReadAsync(cancellationToken))
        {
            attempts.Add(new DeliveryAttempt(
                deliveryId, reader.GetInt32(0), reader.Time(1), TimeSpan.FromTicks(reader.GetInt64(2)), reader.IntOrNull(3), reader.TextOrNull(4), reader.TextOrNull(5)));
        }

        return attempts;
    }

    private static Delivery Read(DbDataReader reader) => new(
        reader.GetString(0),
        reader.GetString(1),
        reader.TextOrNull(2),
        reader.TextOrNull(3),
        reader.GetString(4),
        reader.GetString(5),
        (byte[])reader.GetValue(6),
        Enum.Parse<DeliveryMode>(reader.GetString(7)),
        reader.Time(8))
    {
        State = Enum.Parse<DeliveryState>(reader.GetString(9)),
        Attempts = reader.GetInt32(10),
        NextAttemptAt = reader.TimeOrNull(11),
        Deadline = reader.TimeOrNull(12),
        Sensitive = reader.GetInt32(13) != 0,
        InCallAttempts = reader.GetInt32(14),
        WaitsFor = reader.TextOrNull(15),
    };
}
