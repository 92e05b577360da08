using System.Security.Claims;
using Microsoft.AspNetCore.Mvc;
using Sift.Activities.Connections;
using Sift.Web.Accounts;
using Sift.Web.Http;

namespace Sift.Web.Observability.Captures;

internal static class ReadCapture
{
    public static void Map(IEndpointRouteBuilder routes) => routes.MapGet("/connections/{connection_id}/pcap", HandleAsync)
        .WithName(nameof(ReadCapture))
        .WithSummary("Download the SIP messages of a connection")
        .WithDescription("A pcapng file for Wireshark: every SIP message with its time and addresses, credentials blotted out; what is known of the media stands in comments. Media packets are not recorded.")
        .Produces<byte[]>(StatusCodes.Status200OK, SipCapture.ContentType)
        .ProducesProblems(404);

    private static async Task<IResult> HandleAsync(
        [FromRoute(Name = "connection_id")] string id, ClaimsPrincipal user, IConnectionStore connections, FlightRecorder recorder, CancellationToken cancellationToken)
    {
        if (await connections.FindAsync(id, cancellationToken) is not { } connection || connection.AccountId != user.AccountId())
        {
            return Problems.NotFound("connection");
        }

        return await recorder.FindAsync(id, cancellationToken) is { Messages.Count: > 0 } trace
            ? TypedResults.File(SipCapture.Of(connection, trace), SipCapture.ContentType, $"{id}.pcapng")
            : Problems.Of(StatusCodes.Status404NotFound, "No SIP messages are kept of this connection: its other end is a virtual phone or a browser, or they are older than the retention.");
    }
}
