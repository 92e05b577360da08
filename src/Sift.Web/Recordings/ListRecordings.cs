using System.Security.Claims;
using Sift.Web.Accounts;
using Sift.Web.Http;
using Sift.Web.Storage;

namespace Sift.Web.Recordings;

internal static class ListRecordings
{
    public static void Map(IEndpointRouteBuilder routes) => routes.MapGet("/recordings", HandleAsync)
        .WithName(nameof(ListRecordings))
        .WithSummary("List recordings")
        .WithDescription("What commands with do_record recorded, newest first.")
        .IsList(("connection_id", "id of a connection that is heard in them"))
        .Produces<Page<RecordingObject>>()
        .ProducesProblems(400);

    private static async Task<IResult> HandleAsync(HttpContext http, ClaimsPrincipal user, RecordingStore store, CancellationToken cancellationToken)
    {
        var (page, problem) = Paging.Read(http.Request, "connection_id");
        if (page is null)
        {
            return problem!;
        }

        var rows = await store.ListAsync(user.AccountId(), http.Request.Query.TryGetValue("connection_id", out var id) ? id.ToString() : null, page, cancellationToken);
        return TypedResults.Ok(Paging.ToPage(http, page, rows, row => new PagePosition(row.StartedAt.UtcTicks, row.Id), row => RecordingObject.Of(http, row)));
    }
}
