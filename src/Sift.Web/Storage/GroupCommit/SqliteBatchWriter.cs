using Microsoft.Data.Sqlite;
using Sift.Web.Storage.Nodes;

namespace Sift.Web.Storage.GroupCommit;

/// <summary>The SQLite side of the group commit: one connection, statements prepared once, one BEGIN IMMEDIATE per group.</summary>
internal sealed class SqliteBatchWriter(Database database, Node node) : IBatchWriter
{
    private const string InsertEntries = "INSERT INTO journal (instance_id, first_sequence, entries) VALUES ($1, $2, $3)";

    private readonly Dictionary<string, SqliteStatement> prepared = new(StringComparer.Ordinal);
    private SqliteConnection? connection;

    public void Commit(IReadOnlyList<WriteRequest> group)
    {
        connection ??= (SqliteConnection)database.Open();
        Execute("BEGIN IMMEDIATE", []);
        try
        {
            foreach (var instance in InstanceGroup.Form(group))
            {
                if (!Fence(instance))
                {
                    instance.Refuse();
                    continue;
                }

                Execute(InsertEntries, [instance.InstanceId, instance.Expected + 1, JournalPage.Encode(instance)]);
            }

            foreach (var request in group)
            {
                if (request.Refusal is null)
                {
                    foreach (var row in RowStatements.Lasting(request.Rows))
                    {
                        Execute(RowStatements.SqlFor(row), RowStatements.ValuesFor(row, node));
                    }
                }
            }

            Execute("COMMIT", []);
        }
        catch
        {
            Abandon();
            throw;
        }
    }

    public void Dispose() => Abandon();

    private bool Fence(InstanceGroup instance) => instance.Expected == 0
        ? Execute(RowStatements.InsertInstance, RowStatements.ValuesFor(instance.Summary, node, null)) == 1
        : Execute(RowStatements.UpdateInstance, RowStatements.ValuesFor(instance.Summary, node, instance.Expected)) == 1;

    private int Execute(string sql, ReadOnlySpan<object?> values)
    {
        if (!prepared.TryGetValue(sql, out var statement))
        {
            prepared.Add(sql, statement = new SqliteStatement(connection!, sql));
        }

        return statement.Execute(values);
    }

    /// <summary>Closes the connection, which rolls an open transaction back; the next group starts on a fresh one.</summary>
    private void Abandon()
    {
        foreach (var statement in prepared.Values)
        {
            statement.Dispose();
        }

        prepared.Clear();
        if (connection is not null)
        {
            // A pooled connection would keep the transaction open: this one must really close.
            SqliteConnection.ClearPool(connection);
            connection.Dispose();
            connection = null;
        }
    }
}
