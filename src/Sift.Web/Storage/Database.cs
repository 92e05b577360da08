using System.Data.Common;
using Microsoft.Data.Sqlite;
using Npgsql;

namespace Sift.Web.Storage;

internal enum DatabaseKind { Sqlite, Postgres }

/// <summary>Where everything is kept. Hands out open connections; which of the two kinds it is decides the connection string.</summary>
internal sealed class Database : IAsyncDisposable
{
    // synchronous=FULL: in WAL mode NORMAL may lose the last commits on a power cut. The group commit pays one fsync for many appends.
    private const string SqlitePragmas = "PRAGMA busy_timeout=10000; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; PRAGMA wal_autocheckpoint=4000; PRAGMA cache_size=-32768;";

    private readonly NpgsqlDataSource? postgres;

    private Database(DatabaseKind kind, string connectionString, NpgsqlDataSource? postgres, string? file)
    {
        Kind = kind;
        ConnectionString = connectionString;
        this.postgres = postgres;
        File = file;
    }

    public DatabaseKind Kind { get; }

    public string ConnectionString { get; }

    /// <summary>The SQLite file; null with PostgreSQL.</summary>
    public string? File { get; }

    /// <summary>The data source for PostgreSQL; null with SQLite.</summary>
    public NpgsqlDataSource? Postgres => postgres;

    public static Database Create(string connectionString)
    {
        if (KindOf(connectionString) is not { } kind)
        {
            throw new ArgumentException("names neither a SQLite file (Data Source=…) nor a PostgreSQL host (Host=…)", nameof(connectionString));
        }

        if (kind == DatabaseKind.Postgres)
        {
            var builder = new NpgsqlConnectionStringBuilder(connectionString);
            if (builder.MaxAutoPrepare == 0)
            {
                builder.MaxAutoPrepare = 64;
                builder.AutoPrepareMinUsages = 2;
            }

            return new Database(kind, builder.ConnectionString, NpgsqlDataSource.Create(builder), null);
        }

        var sqlite = new SqliteConnectionStringBuilder(connectionString) { DefaultTimeout = 10 };
        sqlite.DataSource = Path.GetFullPath(sqlite.DataSource);
        return new Database(kind, sqlite.ConnectionString, null, sqlite.DataSource);
    }

    /// <summary>Null when the string names neither kind.</summary>
    public static DatabaseKind? KindOf(string connectionString)
    {
        DbConnectionStringBuilder builder;
        try
        {
            builder = new DbConnectionStringBuilder { ConnectionString = connectionString };
        }
        catch (ArgumentException)
        {
            return null;
        }

        if (builder.ContainsKey("Host"))
        {
            return DatabaseKind.Postgres;
        }

        return builder.ContainsKey("Data Source") || builder.ContainsKey("DataSource") || builder.ContainsKey("Filename") ? DatabaseKind.Sqlite : null;
    }

    public async ValueTask<DbConnection> OpenAsync(CancellationToken cancellationToken)
    {
        if (postgres is not null)
        {
            return await postgres.OpenConnectionAsync(cancellationToken);
        }

        var connection = new SqliteConnection(ConnectionString);
        await connection.OpenAsync(cancellationToken);
        await using var pragmas = connection.CreateCommand();
        pragmas.CommandText = SqlitePragmas;
        await pragmas.ExecuteNonQueryAsync(cancellationToken);
        return connection;
    }

    /// <summary>Blocking, for the dedicated writer thread.</summary>
    public DbConnection Open()
    {
        if (postgres is not null)
        {
            return postgres.OpenConnection();
        }

        var connection = new SqliteConnection(ConnectionString);
        connection.Open();
        using var pragmas = connection.CreateCommand();
        pragmas.CommandText = SqlitePragmas;
        pragmas.ExecuteNonQuery();
        return connection;
    }

    public async ValueTask DisposeAsync()
    {
        if (postgres is not null)
        {
            await postgres.DisposeAsync();
        }
        else
        {
            using var connection = new SqliteConnection(ConnectionString);
            SqliteConnection.ClearPool(connection);
        }
    }
}
