using System.Security.Claims;
using Microsoft.AspNetCore.Mvc;
using Sift.Activities.Connections;
using Sift.Web.Accounts;
using Sift.Web.Http;
using Sift.Web.Storage;

namespace Sift.Web.Recordings;

internal static class ReadConversation
{
    public static void Map(IEndpointRouteBuilder routes) => routes.MapGet("/conversations/{conversation_id}", HandleAsync)
        .WithName(nameof(ReadConversation))
        .WithSummary("Read a recorded conversation")
        .WithDescription("The conversation of a CallPhone or CallClient with do_record, by the id of its ended event, with the recording of each member and of all mixed.")
        .Produces<ConversationObject>()
        .ProducesProblems(404);

    private static async Task<IResult> HandleAsync(
        HttpContext http, [FromRoute(Name = "conversation_id")] string id, ClaimsPrincipal user, RecordingStore store, CancellationToken cancellationToken)
    {
        if (await store.FindAsync(id, cancellationToken) is not { } row || row.AccountId != user.AccountId())
        {
            return Problems.NotFound("conversation, or it was not recorded,");
        }

        var channels = new List<ConversationChannel> { Channel(row.ConnectionId, "left") };
        if (row.WithConnectionId is { } other)
        {
            channels.Add(Channel(other, "right"));
        }

        return TypedResults.Ok(new ConversationObject(row.Id, ConnectionJson.FormatTime(row.StartedAt), row.Duration is null ? "processing" : "finished", channels)
        {
            EndTime = row.Duration is { } length ? ConnectionJson.FormatTime(row.StartedAt + length) : null,
            MixedAudio = Audio("mixed"),
        });

        ConversationChannel Channel(string connection, string channel) => new(connection, 0) { EndMs = (long?)row.Duration?.TotalMilliseconds, Audio = Audio(channel) };

        ConversationAudio? Audio(string channel)
        {
            if (row.Duration is not { } duration || row.Bytes is null or 0)
            {
                return null;
            }

            var url = http.Absolute($"{RecordingObject.PathOf(row.Id)}?channel={channel}");
            return new ConversationAudio(url, url, (long)duration.TotalMilliseconds);
        }
    }
}
