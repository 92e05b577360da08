using System.IO.Compression;
using System.Security.Claims;
using Sift.Web.Accounts;
using Sift.Workflows.Definitions;

namespace Sift.Web.Studio.Definitions;

internal static class ExportDefinition
{
    public static void Map(IEndpointRouteBuilder api)
    {
        api.MapGet("/workflow-definitions/{definitionId}/export", OneAsync);
        api.MapPost("/bulk-actions/export/workflow-definitions", ManyAsync);
    }

    private static async Task<IResult> OneAsync(string definitionId, string? versionOptions, ClaimsPrincipal user, DefinitionAnswers answers, CancellationToken cancellationToken) =>
        await answers.FindAsync(user.AccountId(), definitionId, versionOptions, cancellationToken) is { } found
            ? TypedResults.File(StudioJson.ToUtf8(DefinitionAnswers.Exported(found), indented: true), "application/json", FileName(found))
            : StudioJson.NotFound("flow");

    private static async Task<IResult> ManyAsync(HttpContext http, ClaimsPrincipal user, DefinitionAnswers answers, CancellationToken cancellationToken)
    {
        var ids = (await StudioJson.ReadAsync(http.Request, cancellationToken))?.Texts("ids") ?? [];
        using var stream = new MemoryStream();
        var names = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        using (var zip = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (var id in ids)
            {
                if (await answers.FindVersionAsync(user.AccountId(), id, cancellationToken) is not { } found)
                {
                    continue;
                }

                var name = FileName(found);
                await using var entry = await zip.CreateEntry(names.Add(name) ? name : $"{found.Id}-{name}").OpenAsync(cancellationToken);
                await entry.WriteAsync(StudioJson.ToUtf8(DefinitionAnswers.Exported(found), indented: true), cancellationToken);
            }
        }

        return names.Count == 0 ? StudioJson.NotFound("flow") : TypedResults.File(stream.ToArray(), "application/zip", "workflow-definitions.zip");
    }

    private static string FileName(WorkflowDefinition definition)
    {
        var name = string.Concat(definition.Name.Trim().ToLowerInvariant().Select(character => char.IsAsciiLetterOrDigit(character) ? character : '-')).Trim('-');
        return $"{(name.Length == 0 ? definition.DefinitionId : name)}-v{definition.Version}.json";
    }
}
