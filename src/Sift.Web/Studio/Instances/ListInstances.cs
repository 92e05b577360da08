using System.Globalization;
using System.Security.Claims;
using System.Text.Json.Nodes;
using Sift.Web.Accounts;
using Sift.Web.Storage;

namespace Sift.Web.Studio.Instances;

internal static class ListInstances
{
    private const int LargestPage = 1000;

    public static void Map(IEndpointRouteBuilder api) => api.MapPost("/workflow-instances", HandleAsync);

    private static async Task<IResult> HandleAsync(HttpContext http, ClaimsPrincipal user, InstanceList instances, InstanceAnswers answers, CancellationToken cancellationToken)
    {
        if (await StudioJson.ReadAsync(http.Request, cancellationToken) is not { } body)
        {
            return StudioJson.BadRequest("The request holds no filter.");
        }

        var (items, total) = await instances.ListAsync(user.AccountId(), Query(body), cancellationToken);
        return StudioJson.Ok(new JsonObject
        {
            ["items"] = new JsonArray([.. items.Select(item => (JsonNode)answers.Summary(item))]),
            ["totalCount"] = total,
        });
    }

    internal static InstanceQuery Query(JsonObject body)
    {
        var take = Math.Clamp(body.Number("pageSize") ?? 50, 1, LargestPage);
        return new InstanceQuery
        {
            Search = body.Text("searchTerm")?.Trim(),
            DefinitionIds = OneOrMany("definitionId", "definitionIds"),
            Statuses = OneOrMany("status", "statuses"),
            SubStatuses = OneOrMany("subStatus", "subStatuses"),
            CorrelationId = body.Text("correlationId") is { Length: > 0 } correlation ? correlation : null,
            Version = body.Number("version"),
            HasIncidents = body.Flag("hasIncidents"),
            Times = [.. Times(body)],
            Order = Enum.TryParse<InstanceOrder>(body.Text("orderBy"), out var order) ? order : InstanceOrder.Created,
            Descending = body.Text("orderDirection") != "Ascending",
            Take = take,
            Skip = (int)Math.Min(InstanceList.LargestTotal, Math.Max(0L, body.Number("page") ?? 0) * take),
        };

        IReadOnlyList<string> OneOrMany(string one, string many) =>
            body.Texts(many) is { Count: > 0 } list ? list : body.Text(one) is { Length: > 0 } single ? [single] : [];
    }

    private static IEnumerable<(TimeColumn, string, DateTimeOffset)> Times(JsonObject body)
    {
        foreach (var filter in (body["timestampFilters"] as JsonArray)?.OfType<JsonObject>() ?? [])
        {
            TimeColumn? column = filter.Text("column") switch
            {
                "CreatedAt" => TimeColumn.Created,
                "UpdatedAt" => TimeColumn.Updated,
                "FinishedAt" => TimeColumn.Finished,
                _ => null,
            };
            var comparison = filter.Text("operator") switch
            {
                "Is" => "=",
                "IsNot" => "<>",
                "LessThan" => "<",
                "GreaterThan" => ">",
                "LessThanOrEqual" => "<=",
                "GreaterThanOrEqual" => ">=",
                _ => null,
            };
            if (column is { } known && comparison is not null
                && DateTimeOffset.TryParse(filter.Text("timestamp"), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at))
            {
                yield return (known, comparison, at);
            }
        }
    }
}
