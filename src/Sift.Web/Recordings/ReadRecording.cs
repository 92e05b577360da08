using System.Security.Claims;
using Microsoft.AspNetCore.Mvc;
using Sift.Web.Accounts;
using Sift.Web.Http;
using Sift.Web.Storage;

namespace Sift.Web.Recordings;

internal static class ReadRecording
{
    public static void Map(IEndpointRouteBuilder routes) => routes.MapGet("/recordings/{recording_id}", HandleAsync)
        .WithName(nameof(ReadRecording))
        .WithSummary("Read a recording")
        .Produces<RecordingObject>()
        .ProducesProblems(404);

    private static async Task<IResult> HandleAsync(HttpContext http, [FromRoute(Name = "recording_id")] string id, ClaimsPrincipal user, RecordingStore store, CancellationToken cancellationToken)
        => await store.FindAsync(id, cancellationToken) is { } row && row.AccountId == user.AccountId() ? TypedResults.Ok(RecordingObject.Of(http, row)) : Problems.NotFound("recording");
}
