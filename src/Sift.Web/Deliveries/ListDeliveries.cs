using System.Security.Claims;
using Sift.Activities.Webhooks;
using Sift.Web.Accounts;
using Sift.Web.Http;
using Sift.Web.Storage;

namespace Sift.Web.Deliveries;

internal static class ListDeliveries
{
    public static void Map(IEndpointRouteBuilder routes) => routes.MapGet("/deliveries", HandleAsync)
        .WithName(nameof(ListDeliveries))
        .WithSummary("List deliveries")
        .WithDescription("Callbacks and what became of them, newest first.")
        .IsList(
            ("state", "pending, scheduled, succeeded, dead, aborted or expired"),
            ("kind", "on_incoming, status, on_done, fallback or conversation_event"),
            ("connection_id", "id of the connection that caused them"))
        .Produces<Page<DeliveryObject>>()
        .ProducesProblems(400);

    /// <summary>Null for a name that is no state.</summary>
    public static DeliveryState? StateOf(string name) => Enum.GetValues<DeliveryState>().Where(state => DeliveryObject.Name(state) == name).Select(state => (DeliveryState?)state).FirstOrDefault();

    private static async Task<IResult> HandleAsync(HttpContext http, ClaimsPrincipal user, DeliveryList deliveries, CancellationToken cancellationToken)
    {
        var (page, problem) = Paging.Read(http.Request, "state", "kind", "connection_id");
        if (page is null)
        {
            return problem!;
        }

        DeliveryState? state = null;
        if (Value("state") is { } name && (state = StateOf(name)) is null)
        {
            return Problems.Invalid("state", "must be pending, scheduled, succeeded, dead, aborted or expired");
        }

        var filter = new DeliveryFilter(state is { } wanted ? [wanted] : null, Value("kind"), Value("connection_id"));
        var rows = await deliveries.ListAsync(user.AccountId(), filter, page, cancellationToken);
        return TypedResults.Ok(Paging.ToPage(http, page, rows, row => new PagePosition(row.CreatedAt.UtcTicks, row.Id), DeliveryObject.Of));

        string? Value(string parameter) => http.Request.Query.TryGetValue(parameter, out var value) ? value.ToString() : null;
    }
}
