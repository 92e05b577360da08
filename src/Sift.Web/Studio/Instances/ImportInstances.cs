using System.Security.Claims;
using System.Text.Json.Nodes;
using Sift.Web.Accounts;
using Sift.Web.Workflows;

namespace Sift.Web.Studio.Instances;

/// <summary>The import of the call list: ended instances that this or another Sift has exported.</summary>
internal static class ImportInstances
{
    private const int MostFiles = 50;

    public static void Map(IEndpointRouteBuilder api) => api.MapPost("/bulk-actions/import/workflow-instances", HandleAsync).DisableAntiforgery();

    private static async Task<IResult> HandleAsync(HttpContext http, ClaimsPrincipal user, InstanceFiles files, CancellationToken cancellationToken)
    {
        if (!http.Request.HasFormContentType)
        {
            return StudioJson.BadRequest("Send the files as a form.");
        }

        var (imported, problems) = (0, new List<string>());
        foreach (var file in (await http.Request.ReadFormAsync(cancellationToken)).Files.Take(MostFiles))
        {
            using var content = new MemoryStream();
            await file.CopyToAsync(content, cancellationToken);
            if (await files.ImportAsync(user.AccountId(), content.ToArray(), cancellationToken) is { } problem)
            {
                problems.Add($"{file.FileName} {problem}.");
            }
            else
            {
                imported++;
            }
        }

        if (problems.Count > 0)
        {
            StudioJson.Tell(http, $"{imported} imported. {string.Join(" ", problems)}");
        }

        return StudioJson.Ok(new JsonObject { ["count"] = imported, ["errors"] = new JsonArray([.. problems.Select(problem => (JsonNode)problem)]) });
    }
}
