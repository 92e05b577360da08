using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Sift.Activities.Calls;
using Sift.Activities.Connections;
using Sift.Activities.Routines;
using Sift.Media.Legs;
using Sift.Workflows.Activities;

namespace Sift.Activities.Commands;

/// <summary>
/// A second call placed from within a call and joined with it: what CallPhone and CallClient share. The callee is a connection of its
/// own, written here at each step, because its story is part of this call's journal.
/// </summary>
internal static partial class BridgedCall
{
    private const string AwaitingCallee = "ringing";
    private const string AwaitingCaller = "answering";
    private const string Talking = "talking";

    private static readonly PatternParameter CallerId = new("caller_id", "Number or name shown to the callee; the number the call came in on when left out.", Identity(), "must be an E.164 number or a name of letters, digits, blanks and _.:+-") { MaxLength = 64 };
    private static readonly NumberParameter Timeout = new("timeout_seconds", "How long to let it ring.", 1, 600, 60);
    private static readonly UrlParameter EventCallback = new("event_callback", "Receives the events of the conversation.") { Aliases = ["on_event"] };
    private static readonly FlagParameter LiveTalkTimes = new("live_talk_times", "Send talk-time events.", false) { Aliases = ["live_talk_time"] };
    private static readonly FlagParameter LiveTranscripts = new("live_transcripts", "Send transcript events.", false) { Aliases = ["live_transcription"] };
    private static readonly FlagParameter LiveTopics = new("live_topics", "Send topic events.", false);
    private static readonly ListParameter Processors = new("processors", "Processors to run when the conversation ends; ignored unless do_record is true.");

    private static readonly FlagParameter DoRecord = new("do_record", "Record the conversation, each side on a channel of its own. Tell people that they are recorded.", false);

    public static IReadOnlyList<Parameter> Parameters { get; } =
        [CallerId, Timeout, EventCallback, LiveTalkTimes, LiveTranscripts, LiveTopics, Processors, SharedParameters.OnDone, DoRecord];

    public static IReadOnlyList<string> Outcomes { get; } = ["Answered", "Busy", "NoAnswer", "Failed"];

    public static IReadOnlyList<OutputDescriptor> Outputs { get; } =
    [
        new("DialStatus", "String", "Dial status", "completed, or why the callee was not reached."),
        new("DialDuration", "Int32", "Dial duration", "Seconds of conversation."),
        new("CalleeConnectionId", "String", "Callee connection", "The connection of the callee."),
        .. Ending.Outputs,
    ];

    /// <param name="shownAs">Who the callee sees when the command does not say; null for a number of the account.</param>
    public static void Start(ActivityContext context, string destination, string? shownAs = null)
    {
        var call = new CallScope(context);
        var callee = new LegId(context.NewId());
        var callerId = CallerId.In(context) ?? shownAs ?? call.Plan.CallerId;
        var state = new JsonObject
        {
            ["phase"] = AwaitingCallee,
            ["callee"] = callee.Value,
            ["from"] = callerId ?? "anonymous",
            ["to"] = destination,
            ["created"] = Format(context.Now),
        };
        context.State = state;
        WriteRow(context, state, ConnectionStatus.Connecting);
        context.WaitFor(CallSignals.Callee, callee.Value);
        call.Ask(new DialLeg(callee, destination, callerId, Timeout.SecondsIn(context)!.Value, []) { AccountId = call.Plan.AccountId, Partner = call.Leg });
        call.PlayBackground(ToneKind.Ringback);
    }

    public static void Resume(ActivityContext context, ActivitySignal signal)
    {
        if (signal.Name == CallSignals.Answered)
        {
            Join(context);
            return;
        }

        if (signal.Name != CallSignals.Callee)
        {
            Ending.Resume(context, signal);
            return;
        }

        var news = CalleeNews.Read(signal.Payload);
        switch (news.Event)
        {
            case CalleeNews.Ringing:
                Ringing(context, news.EarlyMedia);
                break;
            case CalleeNews.Answered:
                Answered(context);
                break;
            default:
                CalleeGone(context, news);
                break;
        }
    }

    public static void Cancel(ActivityContext context)
    {
        if (Ending.Cancel(context) || context.State is not JsonObject state)
        {
            return;
        }

        var call = new CallScope(context);
        var callee = CalleeOf(state);
        if (state.Text("phase") != Talking)
        {
            call.StopBackground();
            WriteRow(context, state, ConnectionStatus.Failed, "no_answer", reason: "the caller's call went elsewhere before the callee answered");
        }
        else
        {
            WriteRow(context, state, ConnectionStatus.Finished, reason: "the caller's call went elsewhere or ended");
            StopRecording(context, state);
            SendEnded(context, state);
        }

        call.Ask(new UnbridgeLeg(call.Leg));
        call.Ask(new HangUpLeg(callee, "the other side is gone"));
    }

    private static void Ringing(ActivityContext context, bool earlyMedia)
    {
        var call = new CallScope(context);
        if (!call.IsUp)
        {
            call.Ask(new RingLeg(call.Leg));
        }
        else if (earlyMedia)
        {
            // The far network plays its own tone or announcement.
            call.StopBackground();
            call.Ask(new BridgeLegs(call.Leg, CalleeOf(context.State!)));
        }
        else
        {
            call.PlayBackground(ToneKind.Ringback, atOnce: true);
        }
    }

    private static void Answered(ActivityContext context)
    {
        var state = (JsonObject)context.State!.DeepClone();
        state["phase"] = AwaitingCaller;
        state["answered"] = Format(context.Now);
        context.State = state;
        WriteRow(context, state, ConnectionStatus.Connected);
        if (new CallScope(context).EnsureUp())
        {
            Join(context);
        }
    }

    private static void Join(ActivityContext context)
    {
        if (context.State is not JsonObject current || current.Text("phase") != AwaitingCaller)
        {
            return;
        }

        var state = (JsonObject)current.DeepClone();
        state["phase"] = Talking;
        state["joined"] = Format(context.Now);
        state["conversation"] = context.NewId();
        context.State = state;
        var call = new CallScope(context);
        call.StopBackground();
        if (DoRecord.In(context))
        {
            call.Ask(new RecordLeg(call.Leg, state.Text("conversation")!, CalleeOf(state)));
        }

        call.Ask(new BridgeLegs(call.Leg, CalleeOf(state)));
    }

    private static void CalleeGone(ActivityContext context, CalleeNews news)
    {
        var state = context.State!;
        var call = new CallScope(context);
        call.StopBackground();
        call.Ask(new UnbridgeLeg(call.Leg));
        context.StopWaiting(CallSignals.Callee, state.Text("callee"));
        context.StopWaiting(CallSignals.Answered);

        var answered = state.Time("answered");
        if (answered is null)
        {
            WriteRow(context, state, ConnectionStatus.Failed, news.Failure ?? "error", news.SipStatus, news.Detail);
        }
        else
        {
            WriteRow(context, state, ConnectionStatus.Finished, reason: news.Detail);
        }

        if (state.Text("phase") == Talking)
        {
            StopRecording(context, state);
            SendEnded(context, state);
        }

        var status = answered is null ? news.Failure ?? "error" : "completed";
        var duration = state.Time("joined") is { } joined ? (int)(context.Now - joined).TotalSeconds : 0;
        var callee = state.Text("callee");
        var outputs = new JsonObject { ["DialStatus"] = status, ["DialDuration"] = duration, ["CalleeConnectionId"] = callee };
        Ending.Finish(context, SharedParameters.OnDone.In(context), OutcomeOf(status), outputs, body => body with { DialStatus = status, DialDuration = duration, CalleeConnectionId = callee });
    }

    private static void StopRecording(ActivityContext context, JsonNode state)
    {
        if (DoRecord.In(context))
        {
            var call = new CallScope(context);
            call.Ask(new StopRecording(call.Leg, state.Text("conversation")!));
        }
    }

    private static string OutcomeOf(string status) => status switch
    {
        "completed" => "Answered",
        "busy" => "Busy",
        "no_answer" => "NoAnswer",
        _ => "Failed",
    };

    private static LegId CalleeOf(JsonNode state) => new(state.Text("callee")!);

    private static void WriteRow(ActivityContext context, JsonNode state, ConnectionStatus status, string? failure = null, int? sipStatus = null, string? reason = null)
    {
        var plan = new CallScope(context).Plan;
        context.Attach(new Connection(state.Text("callee")!, plan.AccountId, state.Text("from")!, state.Text("to")!, "outgoing", status, state.Time("created") ?? context.Now)
        {
            ApplicationId = plan.ApplicationId,
            ParentId = context.InstanceId,
            StartTime = state.Time("answered"),
            EndTime = status is ConnectionStatus.Finished or ConnectionStatus.Failed ? context.Now : null,
            Failure = failure,
            SipStatus = sipStatus,
            EndReason = reason,
        });
    }

    // sift-api 3.4: always sent when an event_callback is given, when either party of a direct call hangs up.
    private static void SendEnded(ActivityContext context, JsonNode state)
    {
        if (EventCallback.In(context) is { } url)
        {
            var body = new ConversationEnded(
                state.Text("conversation")!, "ended",
                ConnectionJson.FormatTime(state.Time("joined") ?? context.Now), ConnectionJson.FormatTime(context.Now), "finished");
            Callback.Notify(context, "conversation_event", url, JsonSerializer.SerializeToUtf8Bytes(body, CallbackJsonContext.Readable.ConversationEnded));
        }
    }

    private static string Format(DateTimeOffset time) => time.ToString("O", System.Globalization.CultureInfo.InvariantCulture);

    [GeneratedRegex(@"^(\+[1-9][0-9]{1,14}|[A-Za-z0-9_.:+-][A-Za-z0-9 _.:+-]*)$")]
    private static partial Regex Identity();
}
