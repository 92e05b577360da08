using System.Diagnostics;

namespace Sift.Bench.Deliveries;

/// <summary>A PostgreSQL server with its default durability in a temporary directory, run by a user that is not root.</summary>
internal sealed class PostgresCluster : IAsyncDisposable
{
    private const int Port = 17181;

    private readonly string _directory = Directory.CreateTempSubdirectory("sift-bench-pg-").FullName;

    public string ConnectionString => $"Host=127.0.0.1;Port={Port};Username=sift;Database=postgres;Maximum Pool Size=20";

    public static async Task<PostgresCluster> StartAsync()
    {
        var cluster = new PostgresCluster();
        if (Environment.UserName == "root")
        {
            await RunAsync("chown", "postgres", cluster._directory);
        }

        await cluster.PostgresAsync("initdb", "-D", $"{cluster._directory}/data", "-U", "sift", "-A", "trust", "-E", "UTF8", "--locale=C");
        await cluster.PostgresAsync("pg_ctl", "-D", $"{cluster._directory}/data", "-w", "-l", $"{cluster._directory}/log", "-o", $"-p {Port} -k {cluster._directory} -c listen_addresses=127.0.0.1", "start");
        return cluster;
    }

    public async ValueTask DisposeAsync()
    {
        Npgsql.NpgsqlConnection.ClearAllPools();
        await PostgresAsync("pg_ctl", "-D", $"{_directory}/data", "-w", "-m", "immediate", "stop");
        Directory.Delete(_directory, recursive: true);
    }

    private Task PostgresAsync(string program, params string[] arguments)
    {
        var path = Directory.GetDirectories("/usr/lib/postgresql").Order(StringComparer.Ordinal).Last() + "/bin/" + program;
        return Environment.UserName == "root" ? RunAsync("runuser", ["-u", "postgres", "--", path, .. arguments]) : RunAsync(path, arguments);
    }

    private static async Task RunAsync(string program, params string[] arguments)
    {
        // Output goes nowhere: the server that pg_ctl leaves behind would keep a pipe open for ever.
        using var process = Process.Start(new ProcessStartInfo("/bin/sh", ["-c", "cd / && exec \"$@\" > /dev/null 2>&1", "sh", program, .. arguments]))!;
        await process.WaitForExitAsync();
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"{program} {string.Join(' ', arguments)} ended with {process.ExitCode}; the benchmark needs PostgreSQL.");
        }
    }
}
