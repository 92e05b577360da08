using System.Text.Json;
using System.Text.Json.Nodes;
using Sift.Media.Legs;
using Sift.Workflows.Activities;

namespace Sift.Activities.Calls;

/// <summary>Names of the signals by which a call hears what happened.</summary>
internal static class CallSignals
{
    /// <summary>The own leg was answered.</summary>
    public const string Answered = "leg.answered";

    /// <summary>A key was pressed on the own leg.</summary>
    public const string Digit = "leg.digit";

    /// <summary>A playback on the own leg ended; the key is the playback's id.</summary>
    public const string Playback = "leg.playback";

    public const string Hold = "leg.hold";

    public const string Media = "leg.media";

    /// <summary>The own leg is gone.</summary>
    public const string Ended = "leg.ended";

    /// <summary>Something happened on a leg that this call placed; the key is that leg's id.</summary>
    public const string Callee = "callee";

    /// <summary>A callback was answered or given up; the key is the delivery's id.</summary>
    public const string Delivery = "delivery";

    /// <summary>What the engine names the signal of a timer.</summary>
    public const string Timer = "timer";
}

/// <summary>What a signal about a callee says.</summary>
/// <param name="Event">ringing, answered or ended.</param>
/// <param name="Failure">With ended: the failure name, null for an ordinary hang-up.</param>
internal readonly record struct CalleeNews(string Event, bool EarlyMedia, string? Failure, int? SipStatus, string? Detail)
{
    public const string Ringing = "ringing";
    public const string Answered = "answered";
    public const string Ended = "ended";

    public JsonObject ToJson()
    {
        var json = new JsonObject { ["event"] = Event };
        if (EarlyMedia)
        {
            json["early_media"] = true;
        }

        if (Failure is not null)
        {
            json["failure"] = Failure;
        }

        if (SipStatus is { } status)
        {
            json["sip_status"] = status;
        }

        if (Detail is not null)
        {
            json["detail"] = Detail;
        }

        return json;
    }

    public static CalleeNews Read(JsonElement json) => new(
        json.Text("event") ?? Ended,
        json.TryGetProperty("early_media", out var early) && early.ValueKind == JsonValueKind.True,
        json.Text("failure"),
        json.TryGetProperty("sip_status", out var status) && status.TryGetInt32(out var code) ? code : null,
        json.Text("detail"));
}

/// <summary>The failure names of the API.</summary>
internal static class Failures
{
    public static string NameOf(LegEndCause cause) => cause switch
    {
        LegEndCause.Busy => "busy",
        LegEndCause.NoAnswer => "no_answer",
        LegEndCause.Declined => "declined",
        LegEndCause.Unreachable => "unreachable",
        LegEndCause.NotFound => "not_found",
        LegEndCause.Forbidden => "forbidden",

        // Given up before anybody answered, by either side.
        LegEndCause.LocalHangUp or LegEndCause.RemoteHangUp => "no_answer",
        LegEndCause.MediaTimeout or LegEndCause.Error => "error",
    };
}
