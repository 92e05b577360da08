using System.Data.Common;
using Microsoft.Data.Sqlite;
using Sift.Workflows.Journal;

namespace Sift.Web.Storage.GroupCommit;

/// <summary>The SQLite side of the group commit: one connection, statements prepared once, one BEGIN IMMEDIATE per group.</summary>
internal sealed class SqliteBatchWriter(Database database) : IBatchWriter
{
    private const string InsertEntry = "INSERT INTO journal (instance_id, sequence, at, kind, data) VALUES ($1, $2, $3, $4, $5)";

    private readonly Dictionary<string, SqliteCommand> prepared = new(StringComparer.Ordinal);
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

                foreach (var request in instance.Requests)
                {
                    WriteEntries(request.Append!.Entries);
                }
            }

            foreach (var request in group)
            {
                if (request.Refusal is null)
                {
                    foreach (var row in request.Rows)
                    {
                        Execute(RowStatements.SqlFor(row), RowStatements.ValuesFor(row));
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
        ? Execute(RowStatements.InsertInstance, RowStatements.ValuesFor(instance.Summary, null)) == 1
        : Execute(RowStatements.UpdateInstance, RowStatements.ValuesFor(instance.Summary, instance.Expected)) == 1;

    private void WriteEntries(IReadOnlyList<JournalEntry> entries)
    {
        var command = Prepared(InsertEntry, 5);
        var parameters = command.Parameters;
        for (var i = 0; i < entries.Count; i++)
        {
            var entry = entries[i];
            parameters[0].Value = entry.InstanceId;
            parameters[1].Value = entry.Sequence;
            parameters[2].Value = entry.At.UtcTicks;
            parameters[3].Value = entry.Kind;
            parameters[4].Value = RowStatements.Bytes(entry.Data);
            command.ExecuteNonQuery();
        }
    }

    private int Execute(string sql, ReadOnlySpan<object?> values)
    {
        var command = Prepared(sql, values.Length);
        for (var i = 0; i < values.Length; i++)
        {
            command.Parameters[i].Value = values[i] ?? DBNull.Value;
        }

        return command.ExecuteNonQuery();
    }

    private SqliteCommand Prepared(string sql, int parameters)
    {
        if (!prepared.TryGetValue(sql, out var command))
        {
            command = connection!.CreateCommand();
            command.CommandText = sql;
            for (var i = 1; i <= parameters; i++)
            {
                command.Parameters.Add(new SqliteParameter { ParameterName = $"${i}" });
            }

            prepared.Add(sql, command);
        }

        return command;
    }

    /// <summary>Closes the connection, which rolls an open transaction back; the next group starts on a fresh one.</summary>
    private void Abandon()
    {
        foreach (var command in prepared.Values)
        {
            command.Dispose();
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
