using System.Globalization;
using System.Security.Claims;
using System.Text.Json.Nodes;
using Sift.Web.Accounts;
using Sift.Web.Storage;
using Sift.Web.Studio.Instances;

namespace Sift.Web.Studio.Definitions;

internal static class ListDefinitions
{
    private const int LargestPage = 1000;

    public static void Map(IEndpointRouteBuilder api)
    {
        api.MapGet("/workflow-definitions", HandleAsync);
        api.MapGet("/workflow-definitions/validation/is-name-unique", IsNameUniqueAsync);
    }

    private static async Task<IResult> HandleAsync(HttpContext http, ClaimsPrincipal user, DefinitionStore store, RoutinePictures routines, CancellationToken cancellationToken)
    {
        var query = http.Request.Query;
        var account = user.AccountId();
        var take = Math.Clamp(Number("PageSize") ?? LargestPage, 1, LargestPage);
        var versions = query["versionOptions"].ToString();
        var list = new DefinitionQuery
        {
            Versions = Enum.TryParse<VersionSelection>(versions, out var selection) ? selection : VersionSelection.All,
            Version = int.TryParse(versions, NumberStyles.None, CultureInfo.InvariantCulture, out var version) ? version : null,
            Ids = [.. query["Ids"].OfType<string>().Where(id => id.Length > 0)],
            DefinitionIds = [.. query["DefinitionIds"].OfType<string>().Where(id => id.Length > 0)],
            Search = query["SearchTerm"].ToString().Trim(),
            Order = Enum.TryParse<DefinitionOrder>(query["OrderBy"].ToString(), out var order) ? order : DefinitionOrder.Created,
            Descending = query["OrderDirection"].ToString() != "Ascending",
            Take = take,
            Skip = (int)Math.Min(int.MaxValue, (Number("Page") ?? 0L) * take),
        };
        var (rows, total) = query["IsSystem"].ToString() is "True" or "true" ? ([], 0) : await store.ListAsync(account, list, cancellationToken);
        var items = new JsonArray([.. rows.Select(row => (JsonNode)DefinitionAnswers.Summary(row, account))]);
        foreach (var instance in list.Ids.Select(RoutinePictures.InstanceOf).OfType<string>())
        {
            if (await routines.ListedAsync(account, instance, cancellationToken) is { } picture)
            {
                items.Add(picture);
                total++;
            }
        }

        return StudioJson.Ok(new JsonObject
        {
            ["links"] = new JsonArray(
                Link("bulk-publish"), Link("bulk-retract"), Link("bulk-delete"), Link("create")),
            ["items"] = items,
            ["totalCount"] = total,
        });

        int? Number(string name) => int.TryParse(query[name].ToString(), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

        static JsonObject Link(string relation) => new() { ["href"] = "/workflow-definitions", ["rel"] = relation, ["method"] = "POST" };
    }

    private static async Task<IResult> IsNameUniqueAsync(string? name, string? definitionId, ClaimsPrincipal user, DefinitionStore store, CancellationToken cancellationToken) =>
        StudioJson.Ok(new JsonObject { ["isUnique"] = await store.IsNameFreeAsync(user.AccountId(), name?.Trim() ?? "", definitionId, cancellationToken) });
}
