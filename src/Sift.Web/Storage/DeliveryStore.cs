using System.Data.Common;
using System.Runtime.CompilerServices;
using Sift.Activities.Webhooks;
using Sift.Web.Storage.GroupCommit;
using Sift.Web.Storage.Nodes;

namespace Sift.Web.Storage;

internal sealed class DeliveryStore(Database database, GroupCommitWriter writer, Node node, NodeLease lease) : IDeliveryStore
{
    private const string Columns =
        "id, account_id, connection_id, instance_id, kind, url, body, mode, created_at, state, attempts, next_attempt_at, deadline, sensitive, in_call_attempts";

    private const int PageSize = 500;

    public ValueTask AddAsync(Delivery delivery, CancellationToken cancellationToken) => writer.WriteAsync(null, [delivery], cancellationToken);

    public ValueTask RecordAsync(Delivery delivery, DeliveryAttempt attempt, CancellationToken cancellationToken)
        => writer.WriteAsync(null, [new DeliveryProgress(delivery), attempt], isPatient: true, cancellationToken);

    public ValueTask SaveAsync(Delivery delivery, CancellationToken cancellationToken) => writer.WriteAsync(null, [new DeliveryProgress(delivery)], cancellationToken);

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
        var sql = node.IsShared ? $"UPDATE deliveries SET claimed_by = $2 WHERE {Open} RETURNING {Columns}" : $"SELECT {Columns} FROM deliveries WHERE {Open}";
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
                "SELECT id, connection_id, created_at FROM deliveries WHERE state IN ('Pending', 'Scheduled') AND claimed_by = $1 AND (created_at, id) > ($2, $3) ORDER BY created_at, id LIMIT $4",
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
    };
}
