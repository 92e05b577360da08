using System.Data.Common;
using System.Globalization;
using System.Reflection;

namespace Sift.Web.Storage.Migrations;

/// <summary>Brings a database to the newest schema: numbered SQL scripts, each applied once, in order, in a transaction of its own.</summary>
internal sealed partial class Migrator(Database database, TimeProvider time, ILogger<Migrator> logger)
{
    public async ValueTask MigrateAsync(CancellationToken cancellationToken)
    {
        if (database.File is { } file && Path.GetDirectoryName(file) is { Length: > 0 } directory)
        {
            Directory.CreateDirectory(directory);
        }

        await using var connection = await database.OpenAsync(cancellationToken);
        if (database.Kind == DatabaseKind.Sqlite)
        {
            await connection.ExecuteAsync("PRAGMA journal_mode=WAL", cancellationToken);
        }

        // Two processes may start at once: the second waits here until the first is through.
        await using var transaction = await BeginAsync(connection, cancellationToken);
        await connection.ExecuteAsync(
            "CREATE TABLE IF NOT EXISTS schema_version (version INTEGER NOT NULL PRIMARY KEY, name TEXT NOT NULL, applied_at BIGINT NOT NULL)", cancellationToken);
        var applied = await AppliedAsync(connection, cancellationToken);
        var scripts = Scripts(database.Kind);
        if (applied > scripts[^1].Version)
        {
            throw new InvalidOperationException($"The database has schema version {applied}, newer than this program knows ({scripts[^1].Version}). Start a newer version of Sift.");
        }

        foreach (var script in scripts.Where(script => script.Version > applied))
        {
            await connection.ExecuteAsync(script.Text, cancellationToken);
            await connection.ExecuteAsync(
                "INSERT INTO schema_version (version, name, applied_at) VALUES ($1, $2, $3)", cancellationToken, script.Version, script.Name, time.GetUtcNow().UtcTicks);
            LogApplied(script.Version, script.Name);
        }

        await transaction.CommitAsync(cancellationToken);
    }

    private static async ValueTask<DbTransaction> BeginAsync(DbConnection connection, CancellationToken cancellationToken)
    {
        var transaction = await connection.BeginTransactionAsync(cancellationToken);
        if (connection is Npgsql.NpgsqlConnection)
        {
            // An arbitrary number that names "Sift migrates"; released with the transaction.
            await connection.ExecuteAsync("SELECT pg_advisory_xact_lock(5160911)", cancellationToken);
        }

        return transaction;
    }

    private static async ValueTask<int> AppliedAsync(DbConnection connection, CancellationToken cancellationToken)
    {
        await using var command = connection.Command("SELECT COALESCE(MAX(version), 0) FROM schema_version");
        return Convert.ToInt32(await command.ExecuteScalarAsync(cancellationToken), CultureInfo.InvariantCulture);
    }

    private static List<(int Version, string Name, string Text)> Scripts(DatabaseKind kind)
    {
        var prefix = $"Migrations.{(kind == DatabaseKind.Sqlite ? "sqlite" : "postgres")}_";
        var assembly = Assembly.GetExecutingAssembly();
        var scripts = new List<(int, string, string)>();
        foreach (var resource in assembly.GetManifestResourceNames().Where(name => name.StartsWith(prefix, StringComparison.Ordinal)).Order(StringComparer.Ordinal))
        {
            var name = Path.GetFileNameWithoutExtension(resource[prefix.Length..]);
            using var reader = new StreamReader(assembly.GetManifestResourceStream(resource)!);
            scripts.Add((int.Parse(name.AsSpan(0, 4), CultureInfo.InvariantCulture), name, reader.ReadToEnd()));
        }

        return scripts;
    }

    [LoggerMessage(1001, LogLevel.Information, "Applied schema script {Version} ({Name})")]
    private partial void LogApplied(int version, string name);
}
