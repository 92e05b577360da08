using System.Security.Claims;
using Microsoft.EntityFrameworkCore;
using Sift.Web.Accounts;
using Sift.Web.Http;
using Sift.Web.Storage;

namespace Sift.Web.PhoneNumbers;

internal static class ListPhoneNumbers
{
    public static void Map(IEndpointRouteBuilder routes) => routes.MapGet("/phonenumbers", HandleAsync)
        .WithName(nameof(ListPhoneNumbers))
        .WithSummary("List your phone numbers")
        .WithDescription("Newest first.")
        .IsList()
        .Produces<Page<PhoneNumberObject>>()
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
        var rows = await context.PhoneNumbers.AsNoTracking().Where(row => row.AccountId == account).PageOf(page, nameof(PhoneNumberRow.Number)).ToListAsync(cancellationToken);
        return TypedResults.Ok(Paging.ToPage(http, page, rows, row => new PagePosition(row.CreatedAt.UtcTicks, row.Number), PhoneNumberObject.Of));
    }
}
