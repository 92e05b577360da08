using Npgsql;

namespace Sift.Bench.Deliveries;

/// <summary>
/// How much a PostgreSQL server has had to do since its start; nothing is known of SQLite. Unlike a time it is the same on a busy machine.
/// </summary>
/// <param name="Transactions">Of one database.</param>
/// <param name="Flushes">To disk, of the whole server.</param>
internal readonly record struct DatabaseWork(long Transactions, long Flushes)
{
    // Statistics reach the view within a second.
    private static readonly TimeSpan Lag = TimeSpan.FromSeconds(1.2);

    public static async Task<DatabaseWork> ReadAsync(string connectionString, TimeProvider time)
    {
        if (!connectionString.Contains("Host=", StringComparison.Ordinal))
        {
            return default;
        }

        await Task.Delay(Lag, time);
        await using var connection = new NpgsqlConnection(connectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand("SELECT d.xact_commit, w.wal_sync FROM pg_stat_database d, pg_stat_wal w WHERE d.datname = current_database()", connection);
        await using var reader = await command.ExecuteReaderAsync();
        await reader.ReadAsync();
        return new DatabaseWork(reader.GetInt64(0), reader.GetInt64(1));
    }

    public static DatabaseWork operator -(DatabaseWork a, DatabaseWork b) => new(a.Transactions - b.Transactions, a.Flushes - b.Flushes);
}
