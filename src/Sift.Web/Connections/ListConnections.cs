using System.Security.Claims;
using Sift.Activities.Connections;
using Sift.Web.Accounts;
using Sift.Web.Http;
using Sift.Web.Storage;

namespace Sift.Web.Connections;

internal static class ListConnections
{
    public static void Map(IEndpointRouteBuilder routes) => routes.MapGet("/connections", HandleAsync)
        .WithName(nameof(ListConnections))
        .WithSummary("List connections")
        .WithDescription("Newest first, narrowed by any of the filters.")
        .IsList(
            ("status", "connecting, connected, failed or finished"),
            ("application_id", "id of the application that handles the call"),
            ("direction", "incoming or outgoing"),
            ("from", "number or webrtc:name that initiated"),
            ("to", "number or webrtc:name that received"))
        .Produces<Page<ConnectionObject>>()
        .ProducesProblems(400);

    private static async Task<IResult> HandleAsync(HttpContext http, ClaimsPrincipal user, ConnectionStore store, CancellationToken cancellationToken)
    {
        var (page, problem) = Paging.Read(http.Request, "status", "application_id", "app_id", "direction", "from", "to");
        if (page is null)
        {
            return problem!;
        }

        var errors = new FieldErrors();
        var status = Value("status") switch
        {
            null => (ConnectionStatus?)null,
            "connecting" => ConnectionStatus.Connecting,
            "connected" => ConnectionStatus.Connected,
            "failed" => ConnectionStatus.Failed,
            "finished" => ConnectionStatus.Finished,
            _ => Refuse("status", "must be connecting, connected, failed or finished"),
        };
        if (Value("direction") is not (null or "incoming" or "outgoing"))
        {
            Refuse("direction", "must be incoming or outgoing");
        }

        if (errors.Any)
        {
            return errors.ToProblem();
        }

        var filter = new ConnectionFilter(status, Value("application_id") ?? Value("app_id"), Value("direction"), Value("from"), Value("to"));
        var rows = await store.ListAsync(user.AccountId(), filter, page, cancellationToken);
        return TypedResults.Ok(Paging.ToPage(http, page, rows, row => new PagePosition(row.CreatedAt.UtcTicks, row.Id), ConnectionObject.Of));

        string? Value(string name) => http.Request.Query.TryGetValue(name, out var value) ? value.ToString() : null;

        ConnectionStatus? Refuse(string field, string message)
        {
            errors.Add(field, message);
            return null;
        }
    }
}
