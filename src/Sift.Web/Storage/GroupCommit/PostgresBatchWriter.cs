using Npgsql;
using NpgsqlTypes;
using Sift.Web.Storage.Nodes;

namespace Sift.Web.Storage.GroupCommit;

/// <summary>The PostgreSQL side of the group commit: two round trips per group (fences, then everything else) and the commit.</summary>
internal sealed class PostgresBatchWriter(Database database, Node node) : IBatchWriter
{
    private const string InsertEntries =
        "INSERT INTO journal (instance_id, first_sequence, entries) SELECT * FROM unnest($1::text[], $2::bigint[], $3::bytea[])";

    private NpgsqlConnection? connection;

    public void Commit(IReadOnlyList<WriteRequest> group)
    {
        connection ??= (NpgsqlConnection)database.Open();
        try
        {
            using var transaction = connection.BeginTransaction();
            var instances = InstanceGroup.Form(group);
            Fence(instances);
            WriteRows(group, instances);
            transaction.Commit();
        }
        catch
        {
            connection.Dispose();
            connection = null;
            throw;
        }
    }

    public void Dispose() => connection?.Dispose();

    private void Fence(List<InstanceGroup> instances)
    {
        if (instances.Count == 0)
        {
            return;
        }

        // Rows are locked in one order, so that two nodes with overlapping groups cannot deadlock.
        instances.Sort((a, b) => string.CompareOrdinal(a.InstanceId, b.InstanceId));
        using var batch = new NpgsqlBatch(connection);
        foreach (var instance in instances)
        {
            batch.BatchCommands.Add(instance.Expected == 0
                ? Command(RowStatements.InsertInstance, RowStatements.ValuesFor(instance.Summary, node, null))
                : Command(RowStatements.UpdateInstance, RowStatements.ValuesFor(instance.Summary, node, instance.Expected)));
        }

        batch.ExecuteNonQuery();
        for (var i = 0; i < instances.Count; i++)
        {
            if (batch.BatchCommands[i].RecordsAffected != 1)
            {
                instances[i].Refuse();
            }
        }
    }

    private void WriteRows(IReadOnlyList<WriteRequest> group, List<InstanceGroup> instances)
    {
        using var batch = new NpgsqlBatch(connection);
        var (ids, sequences, entries) = (new List<string>(), new List<long>(), new List<byte[]>());
        foreach (var instance in instances)
        {
            if (!instance.IsRefused)
            {
                ids.Add(instance.InstanceId);
                sequences.Add(instance.Expected + 1);
                entries.Add(JournalPage.Encode(instance));
            }
        }

        foreach (var request in group)
        {
            if (request.Refusal is not null)
            {
                continue;
            }

            foreach (var row in RowStatements.Lasting(request.Rows))
            {
                batch.BatchCommands.Add(Command(RowStatements.SqlFor(row), RowStatements.ValuesFor(row, node)));
            }
        }

        if (ids.Count > 0)
        {
            batch.BatchCommands.Add(new NpgsqlBatchCommand(InsertEntries)
            {
                Parameters =
                {
                    new() { Value = ids, NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text },
                    new() { Value = sequences, NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Bigint },
                    new() { Value = entries, NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Bytea },
                },
            });
        }

        if (batch.BatchCommands.Count > 0)
        {
            batch.ExecuteNonQuery();
        }
    }

    private static NpgsqlBatchCommand Command(string sql, object?[] values)
    {
        var command = new NpgsqlBatchCommand(sql);
        foreach (var value in values)
        {
            command.Parameters.Add(new NpgsqlParameter { Value = value ?? DBNull.Value });
        }

        return command;
    }
}
