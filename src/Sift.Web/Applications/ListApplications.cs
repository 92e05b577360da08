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
        var query = context.Applications.AsNoTracking().Where(row => row.AccountId == account);
        if (page.After is { } after)
        {
            var (time, id) = (new DateTimeOffset(after.CreatedAt, TimeSpan.Zero), after.Id);
            query = page.Backwards
                ? query.Where(row => row.CreatedAt > time || (row.CreatedAt == time && row.Id.CompareTo(id) > 0))
                : query.Where(row => row.CreatedAt < time || (row.CreatedAt == time && row.Id.CompareTo(id) < 0));
        }

        query = page.Backwards ? query.OrderBy(row => row.CreatedAt).ThenBy(row => row.Id) : query.OrderByDescending(row => row.CreatedAt).ThenByDescending(row => row.Id);
        var rows = await query.Take(page.Size + 1).ToListAsync(cancellationToken);
        var ids = rows.ConvertAll(row => row.Id);
        var numbers = (await context.PhoneNumbers.AsNoTracking().Where(row => row.ApplicationId != null && ids.Contains(row.ApplicationId)).ToListAsync(cancellationToken))
            .ToLookup(row => row.ApplicationId!, row => row.Number);
        return TypedResults.Ok(Paging.ToPage(
            http, page, rows, row => new PagePosition(row.CreatedAt.UtcTicks, row.Id), row => ApplicationObject.From(row, [.. numbers[row.Id].Order(StringComparer.Ordinal)])));
    }
}
