using System.Data.Common;
using System.Runtime.CompilerServices;
using Sift.Web.Storage.GroupCommit;
using Sift.Workflows.Journal;

namespace Sift.Web.Storage;

/// <summary>Journals in SQLite or PostgreSQL: appends through the group commit, reads on connections of their own.</summary>
internal sealed class JournalStore(Database database, GroupCommitWriter writer) : IJournalStore
{
    internal const string SummaryColumns =
        "id, definition_id, definition_version_id, version, correlation_id, name, status, sub_status, incident_count, last_sequence, created_at, updated_at, finished_at, account_id, has_pending_effects";

    // Pages keep a long read from holding a snapshot (and with SQLite the log) open while its reader works.
    private const int PageSize = 500;

    public ValueTask AppendAsync(JournalAppend append, CancellationToken cancellationToken)
        => append.Entries.Count == 0
            ? throw new ArgumentException("An append needs at least one entry", nameof(append))
            : writer.WriteAsync(append, append.Attachments, cancellationToken);

    public Action<TimeSpan>? BeforeCommit(Action gather)
    {
        writer.Gather = gather;
        return writer.CommitWithin;
    }

    public async IAsyncEnumerable<JournalEntry> ReadAsync(string instanceId, long fromSequence, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        // The row that holds the first entry asked for may begin before it.
        const string From = "COALESCE((SELECT MAX(first_sequence) FROM journal WHERE instance_id = $1 AND first_sequence <= $2), $2)";
        var next = fromSequence;
        while (true)
        {
            var rows = new List<(long First, byte[] Entries)>();
            await using (var connection = await database.OpenAsync(cancellationToken))
            await using (var command = connection.Command(
                $"SELECT first_sequence, entries FROM journal WHERE instance_id = $1 AND first_sequence >= {From} ORDER BY first_sequence LIMIT $3", instanceId, next, PageSize))
            await using (var reader = await command.ExecuteReaderAsync(cancellationToken))
            {
                while (await reader.ReadAsync(cancellationToken))
                {
                    rows.Add((reader.GetInt64(0), (byte[])reader.GetValue(1)));
                }
            }

            foreach (var (first, entries) in rows)
            {
                foreach (var entry in JournalPage.Decode(instanceId, first, entries))
                {
                    if (entry.Sequence >= next)
                    {
                        next = entry.Sequence + 1;
                        yield return entry;
                    }
                }
            }

            if (rows.Count < PageSize)
            {
                yield break;
            }
        }
    }

    public async ValueTask<InstanceSummary?> FindAsync(string instanceId, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        await using var command = connection.Command($"SELECT {SummaryColumns} FROM instances WHERE id = $1", instanceId);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken) ? Summary(reader) : null;
    }

    public async IAsyncEnumerable<InstanceSummary> UnfinishedAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var (createdAt, id) = (long.MinValue, "");
        while (true)
        {
            var page = new List<InstanceSummary>();
            await using (var connection = await database.OpenAsync(cancellationToken))
            await using (var command = connection.Command(
                $"SELECT {SummaryColumns} FROM instances WHERE (finished_at IS NULL OR has_pending_effects = 1) AND (created_at, id) > ($1, $2) ORDER BY created_at, id LIMIT $3", createdAt, id, PageSize))
            await using (var reader = await command.ExecuteReaderAsync(cancellationToken))
            {
                while (await reader.ReadAsync(cancellationToken))
                {
                    page.Add(Summary(reader));
                }
            }

            foreach (var summary in page)
            {
                yield return summary;
            }

            if (page.Count < PageSize)
            {
                yield break;
            }

            (createdAt, id) = (page[^1].CreatedAt.UtcTicks, page[^1].InstanceId);
        }
    }

    public async ValueTask<int> PurgeAsync(DateTimeOffset finishedBefore, int batch, CancellationToken cancellationToken)
    {
        var ids = new List<string>();
        await using (var connection = await database.OpenAsync(cancellationToken))
        await using (var command = connection.Command("SELECT id FROM instances WHERE finished_at IS NOT NULL AND finished_at < $1 ORDER BY finished_at LIMIT $2", finishedBefore.UtcTicks, batch))
        await using (var reader = await command.ExecuteReaderAsync(cancellationToken))
        {
            while (await reader.ReadAsync(cancellationToken))
            {
                ids.Add(reader.GetString(0));
            }
        }

        // Each asks again: meanwhile the instance may have been taken up again from the activity that failed.
        var removals = new List<object>(ids.Count * 2);
        foreach (var id in ids)
        {
            removals.Add(new PlainStatement("DELETE FROM instances WHERE id = $1 AND finished_at < $2", [id, finishedBefore.UtcTicks]));
            removals.Add(new PlainStatement("DELETE FROM journal WHERE instance_id = $1 AND NOT EXISTS (SELECT 1 FROM instances WHERE id = $1)", [id]));
        }

        if (removals.Count > 0)
        {
            await writer.WriteAsync(null, removals, cancellationToken);
        }

        return ids.Count;
    }

    internal static InstanceSummary Summary(DbDataReader reader) => new(
        reader.GetString(0),
        reader.GetString(1),
        reader.GetString(2),
        reader.GetInt32(3),
        reader.TextOrNull(4),
        reader.TextOrNull(5),
        reader.GetString(6),
        reader.GetString(7),
        reader.GetInt32(8),
        reader.GetInt64(9),
        reader.Time(10),
        reader.Time(11),
        reader.TimeOrNull(12))
    {
        AccountId = reader.TextOrNull(13),
        HasPendingEffects = reader.GetInt32(14) != 0,
    };
}
