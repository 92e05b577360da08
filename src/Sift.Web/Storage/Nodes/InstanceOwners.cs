namespace Sift.Web.Storage.Nodes;

/// <summary>Which node runs an instance: only that one can change it.</summary>
internal sealed class InstanceOwners(Database database, Node node)
{
    /// <summary>The name of the other node that runs the instance; null when it is this one, or it has ended.</summary>
    public async ValueTask<string?> ElsewhereAsync(string instanceId, CancellationToken cancellationToken)
    {
        if (!node.IsShared)
        {
            return null;
        }

        await using var connection = await database.OpenAsync(cancellationToken);
        await using var command = connection.Command(
            "SELECT n.name FROM instances i JOIN nodes n ON n.id = i.owner WHERE i.id = $1 AND i.owner <> $2 AND i.finished_at IS NULL", instanceId, node.Id);
        return (string?)await command.ExecuteScalarAsync(cancellationToken);
    }
}
