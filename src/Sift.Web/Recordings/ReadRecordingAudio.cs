using System.Security.Claims;
using Microsoft.AspNetCore.Mvc;
using Sift.Media.Recording;
using Sift.Web.Accounts;
using Sift.Web.Http;
using Sift.Web.Storage;

namespace Sift.Web.Recordings;

internal static class ReadRecordingAudio
{
    private const string ContentType = "audio/wav";

    public static void Map(IEndpointRouteBuilder routes) => routes.MapGet("/recordings/{recording_id}/audio", HandleAsync)
        .WithName(nameof(ReadRecordingAudio))
        .WithSummary("Download the sound of a recording")
        .WithDescription("A PCM wave file: stereo, or with channel=mixed, left (the connection) or right (what it heard) one channel of it. Ranges can be asked for.")
        .Produces<byte[]>(StatusCodes.Status200OK, ContentType)
        .ProducesProblems(400, 404);

    private static async Task<IResult> HandleAsync(
        [FromRoute(Name = "recording_id")] string id,
        [FromQuery] string? channel,
        HttpContext http,
        ClaimsPrincipal user,
        RecordingStore store,
        RecordingFiles files,
        CancellationToken cancellationToken)
    {
        RecordingChannel? wanted = channel switch
        {
            null or "" or "both" => RecordingChannel.Both,
            "mixed" => RecordingChannel.Mixed,
            "left" => RecordingChannel.Left,
            "right" => RecordingChannel.Right,
            _ => null,
        };
        if (wanted is not { } one)
        {
            return Problems.Invalid("channel", "must be both, mixed, left or right");
        }

        if (await store.FindAsync(id, cancellationToken) is not { Bytes: > 0 } row || row.AccountId != user.AccountId() || files.Open(id) is not { } file)
        {
            return Problems.NotFound("recording, or it is not complete yet,");
        }

        http.Response.Headers.CacheControl = "private, no-store";
        var sound = one == RecordingChannel.Both ? (Stream)file : new SingleChannelStream(file, one, row.SampleRate);
        return TypedResults.File(sound, ContentType, $"{id}{(one == RecordingChannel.Both ? "" : "-" + channel)}.wav", enableRangeProcessing: true);
    }
}
