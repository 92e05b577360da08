using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Npgsql;

namespace Sift.Web.Tests.Testing;

/// <summary>A PostgreSQL server of the tests' own, on loopback, in a temporary directory, run by a user that is not root.</summary>
public sealed class PostgresServer : IAsyncLifetime
{
    private readonly string directory = Directory.CreateTempSubdirectory("sift-pg-").FullName;
    private readonly int port = FreePort();
    private int databases;

    private static bool IsRoot => Environment.UserName == "root";

    public async Task InitializeAsync()
    {
        if (IsRoot)
        {
            await RunAsync("chown", "postgres", directory);
        }

        await PostgresAsync("initdb", "-D", $"{directory}/data", "-U", "sift", "-A", "trust", "--no-sync", "-E", "UTF8", "--locale=C");
        await PostgresAsync("pg_ctl", "-D", $"{directory}/data", "-w", "-l", $"{directory}/log", "-o", $"-p {port} -k {directory} -c listen_addresses=127.0.0.1 -c fsync=off", "start");
    }

    public async Task DisposeAsync()
    {
        NpgsqlConnection.ClearAllPools();
        await PostgresAsync("pg_ctl", "-D", $"{directory}/data", "-w", "-m", "immediate", "stop");
        Directory.Delete(directory, recursive: true);
    }

    /// <summary>The connection string of a new, empty database.</summary>
    public async Task<string> NewDatabaseAsync()
    {
        var name = $"sift{Interlocked.Increment(ref databases)}";
        await using var connection = new NpgsqlConnection(To("postgres"));
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand($"CREATE DATABASE {name}", connection);
        await command.ExecuteNonQueryAsync();
        return To(name);
    }

    private string To(string database) => $"Host=127.0.0.1;Port={port};Username=sift;Database={database};Maximum Pool Size=10;Pooling=true";

    private static Task PostgresAsync(string program, params string[] arguments)
    {
        var bin = Directory.GetDirectories("/usr/lib/postgresql").Order(StringComparer.Ordinal).Last() + "/bin/" + program;
        return IsRoot ? RunAsync("runuser", ["-u", "postgres", "--", bin, .. arguments]) : RunAsync(bin, arguments);
    }

    private static async Task RunAsync(string program, params string[] arguments)
    {
        // Output goes nowhere: the server that pg_ctl leaves behind would keep a pipe open for ever.
        var start = new ProcessStartInfo("/bin/sh", ["-c", "cd / && exec \"$@\" > /dev/null 2>&1", "sh", program, .. arguments]);
        using var process = Process.Start(start)!;
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, $"{program} {string.Join(' ', arguments)} ended with {process.ExitCode}");
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}

[CollectionDefinition(Name)]
public sealed class PostgresCollection : ICollectionFixture<PostgresServer>
{
    public const string Name = "postgres";
}
