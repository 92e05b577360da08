using System.Text.Json.Nodes;
using Sift.Activities.Connections;
using Sift.Media.Legs;
using Sift.Workflows.Activities;

namespace Sift.Activities.Calls;

/// <summary>An execution seen as part of a call: its leg and what can be asked of it.</summary>
internal readonly struct CallScope(ActivityContext context)
{
    /// <summary>Playbacks with ids that begin so are nobody's business when they end.</summary>
    public const string BackgroundPrefix = "bg:";

    /// <summary>Set once the flow of an outgoing call has asked for it to be dialled.</summary>
    public const string DialledVariable = "dialled";

    /// <summary>Silence before a waiting caller hears something, so that a quick callback is not heard at all.</summary>
    private static readonly TimeSpan SilenceBeforeTone = TimeSpan.FromSeconds(1);

    /// <summary>The instance, the connection and its leg share one id.</summary>
    public LegId Leg => new(context.InstanceId);

    public JsonNode? Connection => context.Variable(ConnectionJson.VariableName);

    /// <summary>What the call goes by. A drawn flow can set any variable, so whose call it is says the instance.</summary>
    public CallPlan Plan => Of(context.ReadVariable(CallPlan.VariableName, CallPlan.Read), context.AccountId ?? "");

    public string Status => context.ReadVariable(ConnectionJson.VariableName, static connection => connection.Text("status")) ?? "connecting";

    public bool IsUp => Status == "connected";

    public bool IsIncoming => context.ReadVariable(ConnectionJson.VariableName, static connection => connection.Text("direction")) == "incoming";

    /// <summary>The flow has not asked for the phone yet, so there is nobody at the other end.</summary>
    public bool IsUndialled => !IsIncoming && !IsUp && context.Variable(DialledVariable) is null;

    public PlaybackId Playback => new(context.ExecutionId);

    private PlaybackId Background => new(BackgroundPrefix + context.ExecutionId);

    public void Ask(LegCommand command) => context.Request(LegEffects.ToEffect(command));

    /// <summary>Makes sure that audio can pass: answers or dials. False when the call must be answered first: wait for <see cref="CallSignals.Answered"/>.</summary>
    public bool EnsureUp()
    {
        if (IsUp)
        {
            return true;
        }

        if (IsIncoming)
        {
            Ask(new AnswerLeg(Leg));
        }
        else if (IsUndialled)
        {
            // Two branches of a drawn flow may both need the phone; it is dialled once.
            PlaceCall.Dial(context);
        }

        context.WaitFor(CallSignals.Answered);
        return false;
    }

    /// <summary>The plan as it belongs to that account, whatever account a changed variable names.</summary>
    public static CallPlan Of(CallPlan? plan, string accountId) =>
        plan is null ? new CallPlan(accountId) : plan.AccountId == accountId ? plan : plan with { AccountId = accountId };

    /// <summary>Plays for this execution, which hears <see cref="CallSignals.Playback"/> at the end.</summary>
    public void Play(IReadOnlyList<PlaySource> sources, bool loop = false, bool stopOnDigit = false)
    {
        Ask(new PlayOnLeg(Leg, Playback, sources, loop, stopOnDigit));
        context.WaitFor(CallSignals.Playback, context.ExecutionId);
    }

    public void StopPlaying()
    {
        context.StopWaiting(CallSignals.Playback, context.ExecutionId);
        Ask(new StopPlayback(Leg, Playback));
    }

    /// <summary>Fills a wait with a tone; nothing is heard on a call that is not up, whose caller has ringback from the network.</summary>
    public void PlayBackground(ToneKind tone, bool atOnce = false)
    {
        if (IsUp)
        {
            Ask(new PlayOnLeg(Leg, Background, atOnce ? [new ToneSource(tone)] : [new SilenceSource(SilenceBeforeTone), new ToneSource(tone)]));
        }
    }

    public void StopBackground()
    {
        if (IsUp)
        {
            Ask(new StopPlayback(Leg, Background));
        }
    }
}
