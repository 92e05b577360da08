using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Serialization;
using Sift.Web.Storage;
using Sift.Web.Storage.GroupCommit;

namespace Sift.Web.Hosting;

/// <summary>One thing the server cannot work without.</summary>
internal interface IReadinessProbe
{
    string Name { get; }

    /// <summary>Null when it is there, else what is missing.</summary>
    ValueTask<string?> MissingAsync(CancellationToken cancellationToken);
}

internal sealed class DatabaseProbe(Database database) : IReadinessProbe
{
    public string Name => "database";

    [SuppressMessage("Design", "CA1031", Justification = "Whatever keeps the database away is the answer.")]
    public async ValueTask<string?> MissingAsync(CancellationToken cancellationToken)
    {
        try
        {
            await using var connection = await database.OpenAsync(cancellationToken);
            await using var command = connection.Command("SELECT COUNT(*) FROM schema_version");
            await command.ExecuteScalarAsync(cancellationToken);
            return null;
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            return $"it does not answer: {exception.Message.Trim()}";
        }
    }
}

/// <summary>The last transaction of calls and callbacks: a database that can be read may still refuse to write, because its disk is full for example.</summary>
internal sealed class CommitProbe(GroupCommitWriter writer) : IReadinessProbe
{
    public string Name => "journal";

    public ValueTask<string?> MissingAsync(CancellationToken cancellationToken) => new(writer.Failure is { } failure ? $"the last transaction failed: {failure}" : null);
}

/// <summary>Room for the database, recordings and caches.</summary>
internal sealed class DiskProbe(SiftOptions options, Func<string, long> freeBytes) : IReadinessProbe
{
    private const long Least = 200L * 1024 * 1024;

    public string Name => "disk";

    public static long FreeBytes(string directory) => new DriveInfo(Path.GetFullPath(directory)).AvailableFreeSpace;

    public ValueTask<string?> MissingAsync(CancellationToken cancellationToken)
    {
        try
        {
            var free = freeBytes(options.DataDirectory);
            return new(free < Least ? $"only {free / (1024 * 1024)} MB are left on the disk of {options.DataDirectory}; at least {Least / (1024 * 1024)} MB are needed" : null);
        }
        catch (IOException problem)
        {
            return new($"the data directory cannot be asked for its space: {problem.Message}");
        }
    }
}

/// <summary>Speech engines that worked at the start must still work.</summary>
internal sealed class SpeechProbe(Telephony telephony) : IReadinessProbe
{
    public string Name => "speech";

    public ValueTask<string?> MissingAsync(CancellationToken cancellationToken) => new(telephony.SpeechFailure);
}

/// <summary>What <c>GET /readyz</c> says.</summary>
internal sealed record ReadinessReport(string Status, IReadOnlyDictionary<string, string> Missing);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(ReadinessReport))]
internal sealed partial class ReadinessJson : JsonSerializerContext;

internal static class HealthEndpoints
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(5);

    public static void MapSiftHealth(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/healthz", () => Results.Text("alive\n")).AllowAnonymous().ExcludeFromDescription();
        routes.MapGet("/readyz", async (IEnumerable<IReadinessProbe> probes, TimeProvider time, CancellationToken cancellationToken) =>
        {
            var missing = new Dictionary<string, string>();
            foreach (var probe in probes)
            {
                using var limit = new CancellationTokenSource(Limit, time);
                using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
                try
                {
                    if (await probe.MissingAsync(either.Token) is { } what)
                    {
                        missing[probe.Name] = what;
                    }
                }
                catch (OperationCanceledException) when (limit.IsCancellationRequested)
                {
                    missing[probe.Name] = "it does not answer in time";
                }
            }

            return Results.Json(
                new ReadinessReport(missing.Count == 0 ? "ready" : "not ready", missing),
                ReadinessJson.Default.ReadinessReport,
                statusCode: missing.Count == 0 ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable);
        }).AllowAnonymous().ExcludeFromDescription();
    }
}
