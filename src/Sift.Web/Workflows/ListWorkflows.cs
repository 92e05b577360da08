using System.Security.Claims;
using Sift.Web.Accounts;
using Sift.Web.Http;
using Sift.Web.Storage;

namespace Sift.Web.Workflows;

internal static class ListWorkflows
{
    public static void Map(IEndpointRouteBuilder routes) => routes.MapGet("/workflows", HandleAsync)
        .WithName(nameof(ListWorkflows))
        .WithSummary("List workflows")
        .WithDescription("The newest version of each workflow definition, newest first, without the flows themselves.")
        .IsList()
        .Produces<Page<WorkflowObject>>()
        .ProducesProblems(400);

    private static async Task<IResult> HandleAsync(HttpContext http, ClaimsPrincipal user, DefinitionStore store, CancellationToken cancellationToken)
    {
        var (page, problem) = Paging.Read(http.Request);
        if (page is null)
        {
            return problem!;
        }

        var account = user.AccountId();
        var rows = await store.PageAsync(account, page, cancellationToken);
        return TypedResults.Ok(Paging.ToPage(http, page, rows, row => new PagePosition(row.CreatedAt.UtcTicks, row.Id), row => WorkflowObject.Of(row, account)));
    }
}
