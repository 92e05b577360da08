using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Npgsql;

namespace Sift.Web.Tests.Testing;

/// <summary>A PostgreSQL server of our own, on loopback, with its data in a directory of ours, run by a user that is not root.</summary>
internal sealed class PostgresProcess : IAsyncDisposable
{
    private readonly string directory;
    private readonly int port = FreePort();

    private PostgresProcess(string directory) => this.directory = directory;

    private static bool IsRoot => Environment.UserName == "root";

    /// <param name="directory">Where its data lies or is to lie; what a former server left there is served again.</param>
    /// <param name="isDurable">False when a crash of the machine may cost the data: nothing is flushed then, which is faster.</param>
    /// <param name="settings">Further settings, as <c>name=value</c>.</param>
    public static async Task<PostgresProcess> StartAsync(string directory, bool isDurable, params string[] settings)
    {
        var server = new PostgresProcess(directory);
        Directory.CreateDirectory(directory);
        if (IsRoot)
        {
            await RunAsync("chown", "postgres", directory);
        }

        if (!Directory.Exists($"{directory}/data"))
        {
            await PostgresAsync("initdb", "-D", $"{directory}/data", "-U", "sift", "-A", "trust", "--no-sync", "-E", "UTF8", "--locale=C");
        }

        string[] all = [$"fsync={(isDurable ? "on" : "off")}", "listen_addresses=127.0.0.1", .. settings];
        await PostgresAsync(
            "pg_ctl", "-D", $"{directory}/data", "-w", "-l", $"{directory}/log", "-o", $"-p {server.port} -k {directory} {string.Join(' ', all.Select(setting => $"-c {setting}"))}", "start");
        return server;
    }

    /// <summary>The connection string of a database, which is made when it is not there.</summary>
    public async Task<string> DatabaseAsync(string name)
    {
        await using var connection = new NpgsqlConnection(To("postgres"));
        await connection.OpenAsync();
        await using var known = new NpgsqlCommand($"SELECT COUNT(*) FROM pg_database WHERE datname = '{name}'", connection);
        if (await known.ExecuteScalarAsync() is 0L)
        {
            await using var command = new NpgsqlCommand($"CREATE DATABASE {name}", connection);
            await command.ExecuteNonQueryAsync();
        }

        return To(name);
    }

    /// <summary>Ends the server and leaves its data.</summary>
    public async ValueTask DisposeAsync()
    {
        NpgsqlConnection.ClearAllPools();
        await PostgresAsync("pg_ctl", "-D", $"{directory}/data", "-w", "-m", "fast", "stop");
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
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"{program} {string.Join(' ', arguments)} ended with {process.ExitCode}");
        }
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
