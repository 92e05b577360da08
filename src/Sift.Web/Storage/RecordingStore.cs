using System.Data.Common;
using System.Text;

namespace Sift.Web.Storage;

/// <param name="Id">Also the id of the conversation, and the name of the file.</param>
/// <param name="ConnectionId">Heard on the left; what it heard is on the right.</param>
/// <param name="Duration">Null while it is being recorded.</param>
/// <param name="Error">Why it is cut off or lost.</param>
internal sealed record RecordingRow(
    string Id, string AccountId, string ConnectionId, string? WithConnectionId, DateTimeOffset StartedAt, int SampleRate, TimeSpan? Duration, long? Bytes, string? Error);

/// <summary>What was recorded; the sound itself lies in files.</summary>
internal sealed class RecordingStore(Database database)
{
    private const string Columns = "id, account_id, connection_id, with_connection_id, started_at, sample_rate, duration, bytes, error";

    public async ValueTask AddAsync(RecordingRow row, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        await connection.ExecuteAsync(
            $"INSERT INTO recordings ({Columns}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (id) DO NOTHING",
            cancellationToken, row.Id, row.AccountId, row.ConnectionId, row.WithConnectionId, row.StartedAt.UtcTicks, row.SampleRate, row.Duration?.Ticks, row.Bytes, row.Error);
    }

    public async ValueTask EndAsync(string id, TimeSpan duration, long bytes, string? error, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        await connection.ExecuteAsync("UPDATE recordings SET duration = $2, bytes = $3, error = $4 WHERE id = $1", cancellationToken, id, duration.Ticks, bytes, error);
    }

    public async ValueTask<RecordingRow?> FindAsync(string id, CancellationToken cancellationToken)
        => (await ReadAsync($"SELECT {Columns} FROM recordings WHERE id = $1", [id], cancellationToken)).FirstOrDefault();

    /// <summary>Recordings in which a connection is heard, oldest first.</summary>
    public ValueTask<List<RecordingRow>> OfConnectionAsync(string accountId, string connectionId, CancellationToken cancellationToken)
        => ReadAsync($"SELECT {Columns} FROM recordings WHERE account_id = $1 AND (connection_id = $2 OR with_connection_id = $2) ORDER BY started_at, id", [accountId, connectionId], cancellationToken);

    /// <summary>One page, newest first, one row more than asked for when there are more.</summary>
    public ValueTask<List<RecordingRow>> ListAsync(string accountId, string? connectionId, PageRequest page, CancellationToken cancellationToken)
    {
        var values = new List<object?> { accountId };
        var sql = new StringBuilder($"SELECT {Columns} FROM recordings WHERE account_id = $1");
        if (connectionId is not null)
        {
            values.Add(connectionId);
            sql.Append(" AND (connection_id = $2 OR with_connection_id = $2)");
        }

        page.AppendTo(sql, values, "started_at", "id");
        return ReadAsync(sql.ToString(), [.. values], cancellationToken);
    }

    /// <summary>Recordings that began before a moment, oldest first.</summary>
    public ValueTask<List<RecordingRow>> OlderAsync(DateTimeOffset before, int count, CancellationToken cancellationToken)
        => ReadAsync($"SELECT {Columns} FROM recordings WHERE started_at < $1 AND duration IS NOT NULL ORDER BY started_at LIMIT $2", [before.UtcTicks, count], cancellationToken);

    public async ValueTask RemoveAsync(string id, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        await connection.ExecuteAsync("DELETE FROM recordings WHERE id = $1", cancellationToken, id);
    }

    private async ValueTask<List<RecordingRow>> ReadAsync(string sql, object?[] values, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        await using var command = connection.Command(sql, values);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var rows = new List<RecordingRow>();
        while (await reader.ReadAsync(cancellationToken))
        {
            rows.Add(Row(reader));
        }

        return rows;
    }

    private static RecordingRow Row(DbDataReader reader) => new(
        reader.GetString(0), reader.GetString(1), reader.GetString(2), reader.TextOrNull(3), reader.Time(4), reader.GetInt32(5),
        reader.IsDBNull(6) ? null : TimeSpan.FromTicks(reader.GetInt64(6)), reader.IsDBNull(7) ? null : reader.GetInt64(7), reader.TextOrNull(8));
}
