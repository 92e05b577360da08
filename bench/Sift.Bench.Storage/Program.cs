using System.Globalization;
using Sift.Bench.Shared;
using Sift.Bench.Storage;
using Sift.Web.Tests.Testing;

// Usage: Sift.Bench journal|history [sqlite] [postgres] [look] [work], by ./bench/run.sh; "look" leaves out the starts, "work" counts the pages that each list reads and nothing else
CultureInfo.DefaultThreadCurrentCulture = CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
var part = args.FirstOrDefault() ?? "journal";
string[] known = ["sqlite", "postgres"];
var databases = known.Intersect(args).ToArray() is { Length: > 0 } chosen ? chosen : known;
Conditions.Print(
    "SQLite: WAL, synchronous=FULL, so that every commit is on disk",
    "PostgreSQL: started by the bench on loopback, fsync=on, synchronous_commit=on, shared_buffers=512MB",
    $"files in {Kept.Directory}, {Kept.FileSystem()}");

foreach (var database in databases)
{
    if (database == "sqlite")
    {
        await RunAsync("SQLite", static name => Task.FromResult($"Data Source={Path.Combine(Kept.Directory, name)}.db"));
    }
    else
    {
        await using var server = await PostgresProcess.StartAsync(Path.Combine(Kept.Directory, "postgres"), isDurable: true, "shared_buffers=512MB", "max_wal_size=4GB");
        
        // Making a million instances takes longer than a statement of the server may.
        await RunAsync("PostgreSQL", async name => $"{await server.DatabaseAsync(name)};Command Timeout=900");
    }
}

Task RunAsync(string title, Func<string, Task<string>> database) => part switch
{
    "journal" => JournalPart.RunAsync(title, database),
    "history" => HistoryPart.RunAsync(title, database, withStarts: !args.Contains("look"), onlyWork: args.Contains("work")),
    _ => throw new ArgumentException($"There is no part '{part}'."),
};
