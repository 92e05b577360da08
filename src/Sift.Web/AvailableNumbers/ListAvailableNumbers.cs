using Microsoft.AspNetCore.Mvc;
using Sift.Web.Http;
using Sift.Web.Storage;

namespace Sift.Web.AvailableNumbers;

internal static class ListAvailableNumbers
{
    private const int DefaultCount = 30;

    public static void Map(IEndpointRouteBuilder routes) => routes.MapGet("/availablenumbers/{country_code}", HandleAsync)
        .WithName(nameof(ListAvailableNumbers))
        .WithSummary("List numbers for sale in a country")
        .WithDescription("A plain array of E.164 numbers. With format=page the paginated object of the other lists, with the numbers in results.")
        .IsList(("format", "array (default) or page"))
        .Produces<string[]>()
        .ProducesProblems(400);

    private static async Task<IResult> HandleAsync(HttpContext http, [FromRoute(Name = "country_code")] string country, NumberInventory inventory, CancellationToken cancellationToken)
    {
        country = country.ToUpperInvariant();
        var format = http.Request.Query["format"].ToString();
        var (page, problem) = Paging.Read(http.Request, "format");
        if (page is null)
        {
            return problem!;
        }

        if (country.Length != 2 || country.AsSpan().ContainsAnyExceptInRange('A', 'Z'))
        {
            return Problems.Invalid("country_code", "must be an ISO 3166-1 alpha-2 code such as US");
        }

        if (format is not ("" or "array" or "page"))
        {
            return Problems.Invalid("format", "must be array or page");
        }

        var size = http.Request.Query.ContainsKey("limit") ? page.Size : DefaultCount;
        var numbers = await inventory.AvailableAsync(country, page.After?.Id, size + 1, cancellationToken);
        var more = numbers.Count > size;
        if (more)
        {
            numbers.RemoveAt(size);
        }

        return format == "page"
            ? TypedResults.Ok(new Page<string>(more ? Paging.Link(http, new PagePosition(0, numbers[^1]), backwards: false) : null, null, numbers))
            : TypedResults.Ok(numbers);
    }
}
