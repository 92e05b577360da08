using System.Security.Claims;
using Microsoft.AspNetCore.Mvc;
using Sift.Web.Accounts;
using Sift.Web.Http;
using Sift.Web.Storage;

namespace Sift.Web.Recordings;

internal static class DeleteRecording
{
    public static void Map(IEndpointRouteBuilder routes) => routes.MapDelete("/recordings/{recording_id}", HandleAsync)
        .WithName(nameof(DeleteRecording))
        .WithSummary("Delete a recording")
        .WithDescription("File and entry, for good. One that is still being recorded is refused: end the call first.")
        .Produces(StatusCodes.Status204NoContent)
        .ProducesProblems(404, 409);

    private static async Task<IResult> HandleAsync(
        [FromRoute(Name = "recording_id")] string id, ClaimsPrincipal user, RecordingStore store, RecordingFiles files, CancellationToken cancellationToken)
    {
        if (await store.FindAsync(id, cancellationToken) is not { } row || row.AccountId != user.AccountId())
        {
            return Problems.NotFound("recording");
        }

        if (row.Duration is null)
        {
            return Problems.Of(StatusCodes.Status409Conflict, "The conversation is still being recorded.");
        }

        files.Delete(id);
        await store.RemoveAsync(id, cancellationToken);
        return TypedResults.NoContent();
    }
}
