namespace Sift.Web.Storage.Nodes;

/// <summary>
/// What dead nodes left. One living node inherits a dead one's whole estate, so that a delivery and the instance that waits for its reply
/// stay together; the move is one statement per table, so that nothing is ever owned by both.
/// </summary>
internal sealed class NodeEstates(Database database, Node node)
{
    private const string Dead =
        $"""
        UPDATE nodes SET heir = $1 WHERE id = (
          SELECT n.id FROM nodes n WHERE n.id <> $1 AND n.expires_at < {NodeLease.Now}
          AND (n.heir IS NULL OR n.heir = $1 OR NOT EXISTS (SELECT 1 FROM nodes h WHERE h.id = n.heir AND h.expires_at >= {NodeLease.Now}))
          ORDER BY n.expires_at LIMIT 1 FOR UPDATE SKIP LOCKED) RETURNING id
        """;

    // The file is ours alone, so every other node is a former run.
    private const string Former = "UPDATE nodes SET heir = $1 WHERE id = (SELECT id FROM nodes WHERE id <> $1 LIMIT 1) RETURNING id";

    /// <summary>A dead node that this one inherits; null when there is none. Until <see cref="CloseAsync"/> it is found again.</summary>
    public async ValueTask<string?> FindAsync(CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        await using var command = connection.Command(node.IsShared ? Dead : Former, node.Id);
        return (string?)await command.ExecuteScalarAsync(cancellationToken);
    }

    /// <summary>Makes the dead node's unfinished instances and deliveries this node's own. Its connections still say whose they were.</summary>
    public async ValueTask MoveAsync(string dead, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await connection.ExecuteAsync("UPDATE instances SET owner = $1 WHERE owner = $2 AND (finished_at IS NULL OR has_pending_effects = 1)", cancellationToken, node.Id, dead);
        await connection.ExecuteAsync("UPDATE deliveries SET claimed_by = $1 WHERE claimed_by = $2 AND state IN ('Pending', 'Scheduled')", cancellationToken, node.Id, dead);
        await transaction.CommitAsync(cancellationToken);
    }

    /// <summary>The unfinished instances that this node owns, oldest first.</summary>
    public async ValueTask<List<string>> InstancesAsync(CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        return await connection.TextsAsync("SELECT id FROM instances WHERE owner = $1 AND (finished_at IS NULL OR has_pending_effects = 1) ORDER BY created_at, id", cancellationToken, node.Id);
    }

    /// <summary>The estate is taken up; nothing is left of the node.</summary>
    public async ValueTask CloseAsync(string dead, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        await connection.ExecuteAsync("DELETE FROM nodes WHERE id = $1 AND heir = $2", cancellationToken, dead, node.Id);
    }
}
