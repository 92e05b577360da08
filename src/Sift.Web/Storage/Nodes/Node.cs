namespace Sift.Web.Storage.Nodes;

/// <summary>
/// This process among those that use the same database. The id is new with every start, so that a restarted process and what its
/// predecessor left are never taken for the same.
/// </summary>
internal sealed class Node(Database database)
{
    public string Id { get; } = Ids.New();

    /// <summary>For people: machine and process.</summary>
    public string Name { get; } = $"{Environment.MachineName}:{Environment.ProcessId}";

    /// <summary>Whether other nodes may use the same database. A SQLite file belongs to one process.</summary>
    public bool IsShared { get; } = database.Kind == DatabaseKind.Postgres;
}
