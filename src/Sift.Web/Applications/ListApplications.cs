using System.Security.Claims;
using Microsoft.EntityFrameworkCore;
using Sift.Web.Accounts;
using Sift.Web.Http;
using Sift.Web.Storage;

namespace Sift.Web.Applications;

internal static class ListApplications
{
    public static void Map(IEndpointRouteBuilder routes) => routes.MapGet("/applications", HandleAsync)
        .WithName(nameof(ListApplications))
        .WithSummary("List applications")
        .WithDescription("Newest first.")
        .IsList()
        .Produces<Page<ApplicationObject>>()
        .ProducesProblems(400);

    private static async Task<IResult> HandleAsync(HttpContext http, ClaimsPrincipal user, IDbContextFactory<SiftDbContext> contexts, CancellationToken cancellationToken)
    {
        var (page, problem) = Paging.Read(http.Request);
        if (page is null)
        {
            return problem!;
        }

        var account = user.AccountId();
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var rows = await context.Applications.AsNoTracking().Where(row => row.AccountId == account).PageOf(page, nameof(ApplicationRow.Id)).ToListAsync(cancellationToken);
        var ids = rows.ConvertAll(row => row.Id);
        var numbers = (await context.PhoneNumbers.AsNoTracking().Where(row => row.ApplicationId != null && ids.Contains(row.ApplicationId)).ToListAsync(cancellationToken))
            .ToLookup(row => row.ApplicationId!, row => row.Number);
        return TypedResults.Ok(Paging.ToPage(
            http, page, rows, row => new PagePosition(row.CreatedAt.UtcTicks, row.Id), row => ApplicationObject.From(row, [.. numbers[row.Id].Order(StringComparer.Ordinal)])));
    }
}
