using System.Security.Claims;
using Microsoft.EntityFrameworkCore;
using Sift.Web.Accounts;
using Sift.Web.Http;
using Sift.Web.Storage;

namespace Sift.Web.Applications;

internal static class ReadApplication
{
    public static void Map(IEndpointRouteBuilder routes) => routes.MapGet("/applications/{app_id}", HandleAsync)
        .WithName(nameof(ReadApplication))
        .WithSummary("Read an application")
        .Produces<ApplicationObject>()
        .ProducesProblems(404);

    private static async Task<IResult> HandleAsync([Microsoft.AspNetCore.Mvc.FromRoute(Name = "app_id")] string id, ClaimsPrincipal user, IDbContextFactory<SiftDbContext> contexts, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var account = user.AccountId();
        return await context.Applications.AsNoTracking().FirstOrDefaultAsync(row => row.Id == id && row.AccountId == account, cancellationToken) is { } row
            ? TypedResults.Ok(ApplicationObject.From(row, await BoundNumbers.OfAsync(context, id, cancellationToken)))
            : Problems.NotFound("application");
    }
}

internal static class BoundNumbers
{
    public static async ValueTask<List<string>> OfAsync(SiftDbContext context, string applicationId, CancellationToken cancellationToken)
        => await context.PhoneNumbers.AsNoTracking().Where(number => number.ApplicationId == applicationId)
            .OrderBy(number => number.Number).Select(number => number.Number).ToListAsync(cancellationToken);
}
