using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Sift.Activities.Connections;
using Sift.Web.Connections;
using Sift.Web.Storage.GroupCommit;

namespace Sift.Web.Tests.Testing;

/// <summary>Call control that keeps the promises of its port about rows and ids, and dials nobody.</summary>
internal sealed class FakeCalls(GroupCommitWriter writer, IConnectionStore store, TimeProvider time) : ICallControl
{
    public ConcurrentQueue<CallRequest> Placed { get; } = new();

    public ConcurrentQueue<(string Id, JsonArray Routine)> Replaced { get; } = new();

    /// <summary>Thrown by the next call to <see cref="PlaceAsync"/>, after or before the call is accepted.</summary>
    public Exception? FailNext { get; set; }

    public bool FailAfterAcceptance { get; set; }

    public async ValueTask<Connection> PlaceAsync(CallRequest request, CancellationToken cancellationToken)
    {
        var failure = FailNext;
        FailNext = null;
        if (failure is not null && !FailAfterAcceptance)
        {
            throw failure;
        }

        if (await store.FindAsync(request.ConnectionId, cancellationToken) is { } known)
        {
            return known;
        }

        var connection = new Connection(request.ConnectionId, request.AccountId, request.CallerId ?? "anonymous", request.PhoneNumber, "outgoing", ConnectionStatus.Connecting, time.GetUtcNow())
        {
            StatusUrl = request.StatusUrl,
        };
        await writer.WriteAsync(null, [connection], cancellationToken);
        Placed.Enqueue(request);
        return failure is null ? connection : throw failure;
    }

    public ValueTask<bool> ReplaceRoutineAsync(string connectionId, JsonArray routine, CancellationToken cancellationToken)
    {
        Replaced.Enqueue((connectionId, routine));
        return new(true);
    }

    public async ValueTask<bool> HangUpAsync(string connectionId, CancellationToken cancellationToken)
    {
        var connection = await store.FindAsync(connectionId, cancellationToken);
        await writer.WriteAsync(null, [connection! with { Status = ConnectionStatus.Finished, EndTime = time.GetUtcNow() }], cancellationToken);
        return true;
    }
}
