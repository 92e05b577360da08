using System.Text.Json.Nodes;
using Sift.Media.Legs;
using Sift.Media.WebRtc;

namespace Sift.Web.Browser;

/// <summary>Ringing: from a call to a client name until somebody takes it or nobody will.</summary>
internal sealed partial class Switchboard
{
    private readonly Dictionary<LegId, Ringing> _ringing = [];

    public void Ring(BrowserRing ring) => Post(() =>
    {
        var call = new Ringing(ring);
        _ringing[ring.Leg] = call;
        _ = FindCallerAsync(call);
        return ValueTask.CompletedTask;
    });

    private async ValueTask RingAnswerAsync(BrowserClient client, bool accepted)
    {
        // A late answer, for a call that is gone or that somebody else took, is harmless: what follows it is dealt with in Offer.
        if (client is not { State: ClientState.Ringing, Leg: { } leg } || !_ringing.TryGetValue(leg, out var call) || !await StillHoldsAsync(client))
        {
            return;
        }

        if (!accepted)
        {
            Leave(client, leg, "declined");
            client.Rest();
            return;
        }

        _ringing.Remove(leg);
        foreach (var other in call.Clients)
        {
            if (other != client)
            {
                StopRinging(other, "answered_elsewhere");
            }
        }

        client.Engage(leg);
        _engaged[leg] = client;
        client.Send(ServerMessage.Connection(leg.Value));
        legs().Accept(leg);
    }

    private async Task FindCallerAsync(Ringing call)
    {
        JsonNode? data = null;
        try
        {
            // The callee's row names the call that placed it, and that one knows what its browser passed to connect().
            var parent = (await connections.FindAsync(call.Ring.Leg.Value, CancellationToken.None))?.ParentId;
            data = parent is null ? null : (await connections.FindAsync(parent, CancellationToken.None))?.ClientData;
        }
#pragma warning disable CA1031 // The call rings without the caller's data rather than not at all.
        catch (Exception problem)
#pragma warning restore CA1031
        {
            LogTrouble(problem);
        }

        Post(() => StartRingingAsync(call, data));
    }

    private async ValueTask StartRingingAsync(Ringing call, JsonNode? data)
    {
        var ring = call.Ring;
        if (!_ringing.ContainsKey(ring.Leg))
        {
            return;
        }

        var named = ring.AccountId is { } account ? _clients.Named(account, ring.Name).ToArray() : [];
        var found = false;
        call.Caller = ServerMessage.Caller(ring.From ?? "anonymous", ring.Leg.Value, data);
        foreach (var client in named)
        {
            if (!await StillHoldsAsync(client))
            {
                continue;
            }

            found = true;
            if (client.IsIdle)
            {
                call.Clients.Add(client);
                client.Ring(ring.Leg);
                client.Send(call.Caller);
                client.Send(ServerMessage.Ring);
            }
        }

        if (call.Clients.Count > 0)
        {
            legs().Ringing(ring.Leg);
            return;
        }

        _ringing.Remove(ring.Leg);
        if (found)
        {
            legs().Refuse(ring.Leg, LegEndCause.Busy, "every browser of that name is in a call");
        }
        else
        {
            legs().Refuse(ring.Leg, LegEndCause.Unreachable, "no browser is logged in under that name");
        }
    }

    private void StopRinging(BrowserClient client, string reason)
    {
        client.Rest();
        client.Send(ServerMessage.Cancel(reason));
        if (client.Socket is null)
        {
            Drop(client);
        }
    }

    /// <summary>A call that rings at clients of one name.</summary>
    private sealed class Ringing(BrowserRing ring)
    {
        public BrowserRing Ring { get; } = ring;

        public List<BrowserClient> Clients { get; } = [];

        /// <summary>The message that tells who calls; null until it is known.</summary>
        public byte[]? Caller { get; set; }

        public bool Declined { get; set; }
    }
}
