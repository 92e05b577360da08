using System.Text.Json;
using Sift.Media.Legs;
using Sift.Media.WebRtc;
using Sift.Web.Http;

namespace Sift.Web.Browser;

/// <summary>Calls: what clients say of them, and what legs say.</summary>
internal sealed partial class Switchboard
{
    private const int MostDigits = 64;

    private readonly Dictionary<LegId, BrowserClient> _engaged = [];

    public void Answer(LegId leg, string sdp) => Post(() =>
    {
        if (_engaged.TryGetValue(leg, out var client))
        {
            client.Send(ServerMessage.Answer(sdp));
            client.AnsweredAt = time.GetTimestamp();
        }

        return ValueTask.CompletedTask;
    });

    public void Candidate(LegId leg, string candidate, string? mid, int index) => Post(() =>
    {
        if (_engaged.TryGetValue(leg, out var client))
        {
            client.Send(ServerMessage.Candidate(candidate, mid, index));
        }

        return ValueTask.CompletedTask;
    });

    public void RefuseOffer(LegId leg, string reason) => Post(() =>
    {
        if (_engaged.TryGetValue(leg, out var client))
        {
            client.Send(ServerMessage.Error("offer-refused", reason));
        }

        return ValueTask.CompletedTask;
    });

    public void End(BrowserEnd end) => Post(() =>
    {
        if (_ringing.Remove(end.Leg, out var call))
        {
            foreach (var client in call.Clients)
            {
                StopRinging(client, end.Cause == LegEndCause.LocalHangUp ? "caller_hung_up" : NameOf(end.Cause));
            }
        }

        if (_engaged.Remove(end.Leg, out var owner))
        {
            TellEnd(owner, end);
        }

        return ValueTask.CompletedTask;
    });

    private ValueTask HandleAsync(BrowserClient client, ClientMessage message)
    {
        switch (message.Type)
        {
            case "connect":
                return ConnectAsync(client, message.Body);
            case "ringanswer":
                return RingAnswerAsync(client, message.Body.ValueKind == JsonValueKind.True);
            case "resume":
                Resume(client, message.Field("session"));
                break;
            case "desc" when message.Field("sdp") is { } sdp && message.Field("type") == "offer":
                Offer(client, sdp);
                break;
            case "candidate" when client is { State: ClientState.Engaged, Leg: { } leg } && message.Field("candidate") is { Length: > 0 } candidate:
                legs().Candidate(leg, candidate);
                break;
            case "hangup" when client.Leg is { } leg:
                Leave(client, leg, "the browser hung up");
                client.Rest();
                break;
            case "dtmf" when client is { State: ClientState.Engaged, Leg: { } leg } && message.Text is { Length: > 0 and <= MostDigits } digits && digits.AsSpan().IndexOfAnyExcept("0123456789*#ABCD") < 0:
                legs().Digits(leg, digits);
                break;
            case "micerror" when client is { State: ClientState.Engaged, Leg: { } leg }:
                NoMicrophone(client, leg, message.Text);
                break;
            case "stats" when client.Leg is { } leg && message.Body.ValueKind == JsonValueKind.Object:
                BrowserMetrics.Record(message.Body);
                LogQuality(leg.Value, message.Body.GetRawText());
                break;
        }

        return ValueTask.CompletedTask;
    }

    private async ValueTask ConnectAsync(BrowserClient client, JsonElement data)
    {
        if (client.State == ClientState.Engaged)
        {
            client.Send(ServerMessage.Error("busy", "there is a call on this connection already"));
            return;
        }

        if (!await StillHoldsAsync(client))
        {
            return;
        }

        if (client.Leg is { } ringing)
        {
            // The call was connected while our ring was on its way: the client drops the ring, so it counts as busy.
            Leave(client, ringing, "busy");
            client.Rest();
        }

        var leg = new LegId(Ids.New());
        if (CallOf(client, leg, data) is not { } call)
        {
            return;
        }

        client.Engage(leg);
        _engaged[leg] = client;
        client.Send(ServerMessage.Connection(leg.Value));
        legs().Connect(call);
    }

    /// <summary>Null when the client may not make this call, and was told so.</summary>
    private static BrowserCall? CallOf(BrowserClient client, LegId leg, JsonElement data)
    {
        var capability = client.Capability;
        if (capability.PhoneNumber is { } phone)
        {
            if (NumberIn(data) is { } number)
            {
                return new BrowserCall(leg, phone, number, capability.AccountId, null, null);
            }

            client.Send(ServerMessage.Error("invalid-number", "a phone calls an E.164 number such as +15550100200"));
            return null;
        }

        if (capability.Outgoing is not { } outgoing)
        {
            client.Send(ServerMessage.Error("outgoing-not-permitted", "the token does not permit calls"));
            return null;
        }

        if (data.ValueKind != JsonValueKind.Undefined && data.GetRawText().Length > BrowserLimits.LongestClientData)
        {
            client.Send(ServerMessage.Error("client-data-too-long", $"what is passed to connect() may have {BrowserLimits.LongestClientData} characters as JSON"));
            return null;
        }

        return new BrowserCall(leg, capability.Endpoint, outgoing.ApplicationId, capability.AccountId, outgoing.ApplicationId, ClientData.Merge(data, outgoing.Parameters));
    }

    private static string? NumberIn(JsonElement data)
    {
        var text = data.ValueKind switch
        {
            JsonValueKind.String => data.GetString(),
            JsonValueKind.Object when data.TryGetProperty("phone_number", out var number) && number.ValueKind == JsonValueKind.String => number.GetString(),
            _ => null,
        };
        return text is not null && Validation.IsE164(text) ? text : null;
    }

    private void Offer(BrowserClient client, string sdp)
    {
        if (client is { State: ClientState.Engaged, Leg: { } leg })
        {
            legs().Offer(leg, sdp);
        }
        else if (FarewellAnswer.To(sdp) is { } farewell)
        {
            // A client of the original protocol knows no cancel: it waits in "connecting" until it gets an answer and then a hang-up.
            client.Send(ServerMessage.Answer(farewell));
            After(limits.HangUpAfterAnswer, () =>
            {
                if (client.Leg is null)
                {
                    client.Send(ServerMessage.HangUp);
                }
            });
        }
    }

    private void Resume(BrowserClient client, string? session)
    {
        var earlier = session is null || client.Leg is not null ? null : _clients.Find(session);
        if (earlier is null || earlier == client || !IsSameHolder(earlier.Capability, client.Capability))
        {
            client.Send(ServerMessage.Resumed(client.Session, null, connected: false, ringing: false));
            return;
        }

        if (earlier.State == ClientState.Engaged && !_engaged.ContainsKey(earlier.Leg!.Value))
        {
            // Its call has ended, only the hang-up was still to be sent.
            earlier.Rest();
        }

        if (earlier.Leg is { } leg)
        {
            client.Inherit(earlier);
            if (client.State == ClientState.Engaged)
            {
                _engaged[leg] = client;
            }
            else if (_ringing.TryGetValue(leg, out var call))
            {
                call.Clients.Remove(earlier);
                call.Clients.Add(client);
            }
        }

        earlier.Socket?.Close(SocketClose.TakenOver, "the call went on elsewhere");
        Drop(earlier);
        client.Send(ServerMessage.Resumed(client.Session, client.Leg?.Value, client.State == ClientState.Engaged, client.State == ClientState.Ringing));
        if (client is { State: ClientState.Ringing, Leg: { } rung } && _ringing.TryGetValue(rung, out var ringing))
        {
            client.Send(ringing.Caller!);
            client.Send(ServerMessage.Ring);
        }
    }

    /// <summary>The client is out of the call; what that means depends on what it was doing.</summary>
    private void Leave(BrowserClient client, LegId leg, string why)
    {
        if (client.State == ClientState.Engaged)
        {
            _engaged.Remove(leg);
            legs().HangUp(leg, why);
        }
        else if (_ringing.TryGetValue(leg, out var call) && call.Clients.Remove(client))
        {
            call.Declined |= why == "declined";
            if (call.Clients.Count == 0)
            {
                _ringing.Remove(leg);
                var cause = call.Declined ? LegEndCause.Declined : why == "busy" ? LegEndCause.Busy : LegEndCause.Unreachable;
                legs().Refuse(leg, cause, call.Declined ? "declined in the browser" : why);
            }
        }
    }

    private void GiveUp(BrowserClient client, string why)
    {
        if (client.Leg is { } leg)
        {
            Leave(client, leg, why);
            client.Rest();
        }

        Drop(client);
    }

    private void NoMicrophone(BrowserClient client, LegId leg, string? error)
    {
        var reason = error is "no-mic" or "mic-disabled" or "mic-permission-denied" ? error : "unknown";
        LogNoMicrophone(leg.Value, reason);
        _engaged.Remove(leg);
        client.Rest();
        legs().Fail(leg, $"the browser has no microphone: {reason}");
    }

    private void TellEnd(BrowserClient client, BrowserEnd end)
    {
        if (client.Socket is null)
        {
            client.Rest();
            Drop(client);
            return;
        }

        if (end.ByClient)
        {
            client.Rest();
            return;
        }

        if (client.AnsweredAt == 0)
        {
            client.Rest();
            client.Send(ServerMessage.Cancel(end.Cause == LegEndCause.LocalHangUp ? "ended" : NameOf(end.Cause)));
            return;
        }

        var wait = limits.HangUpAfterAnswer - time.GetElapsedTime(client.AnsweredAt);
        After(wait > TimeSpan.Zero ? wait : TimeSpan.Zero, () =>
        {
            if (client.Leg == end.Leg)
            {
                client.Rest();
                client.Send(ServerMessage.HangUp);
            }
        });
    }

    private void After(TimeSpan delay, Action work)
    {
        if (delay == TimeSpan.Zero)
        {
            work();
            return;
        }

        _ = DelayAsync();

        async Task DelayAsync()
        {
            await Task.Delay(delay, time, CancellationToken.None);
            Post(() =>
            {
                work();
                return ValueTask.CompletedTask;
            });
        }
    }

    private static bool IsSameHolder(Capability one, Capability other)
        => (one.AccountId, one.ClientName, one.PhoneNumber, one.Outgoing?.ApplicationId) == (other.AccountId, other.ClientName, other.PhoneNumber, other.Outgoing?.ApplicationId);

    private static string NameOf(LegEndCause cause) => JsonNamingPolicy.SnakeCaseLower.ConvertName(cause.ToString());
}
