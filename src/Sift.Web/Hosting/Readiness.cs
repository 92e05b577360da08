using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Serialization;
using Sift.Web.Storage;

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
            return "it does not answer";
        }
    }
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
