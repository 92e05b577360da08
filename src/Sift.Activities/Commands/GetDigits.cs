using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Sift.Activities.Calls;
using Sift.Activities.Routines;
using Sift.Media.Legs;
using Sift.Workflows.Activities;

namespace Sift.Activities.Commands;

/// <summary>
/// Plays an optional prompt and collects keys: until <c>count</c> of them, or <c>finish_on_key</c>, or silence of
/// <c>timeout_seconds</c> after the prompt or the last key.
/// </summary>
internal sealed partial class GetDigits : ICommand
{
    private const string TimerKey = "digits";
    private const string Allowed = "0123456789*#";

    private static readonly NumberParameter Count = new("count", "How many keys end the entry; without it the entry ends by finish_on_key or by the timeout.", 1, 64) { IsWhole = true };
    private static readonly NumberParameter Timeout = new("timeout_seconds", "Silence that ends the entry, counted from the end of the prompt and again from each key.", 0.5, 600, 10);
    private static readonly UrlParameter PromptUrl = new("prompt_url", "URL of a wav or mp3 file played first.");
    private static readonly TextParameter Text = new("text", "A prompt to speak, after prompt_url when both are given.") { MaxLength = 10_000, UiHint = "multiline" };
    private static readonly FlagParameter BargeIn = new("barge_in", "Keys during the prompt count and stop it; otherwise they are ignored.", true);
    private static readonly PatternParameter FinishOnKey = new("finish_on_key", "A key that ends the entry and is not part of it.", OneKey(), "must be one of 0-9, * and #");
    private static readonly FlagParameter Sensitive = new("sensitive", "Keep the digits out of everything shown to people.", false);

    // In a drawn flow each entry that is listed here leaves by a port of its own; anything else by Other.
    private static readonly InputDescriptor Keys = new("Keys", "Object", "Keys", "Entries that have a port of their own, for example 1 and 2. Without any, every entry leaves by Digits.", "dynamic-outcomes");

    public CommandShape Shape { get; } = new(
        "GetDigits", "Get digits", "Plays a prompt and collects keys.",
        [Count, Timeout, PromptUrl, Text, SharedParameters.Voice, SharedParameters.Language, BargeIn, FinishOnKey, Sensitive, SharedParameters.OnDone])
    {
        Outputs = [new("Digits", "String", "Digits", "The keys pressed; empty after a timeout."), .. Ending.Outputs],
        Outcomes = ["Digits", "Timeout", "Other"],
        FlowInputs = [Keys],
        DynamicOutcomesInput = Keys.Name,
    };

    public ActivityDescriptor Descriptor => Shape.Descriptor;

    public void Start(ActivityContext context)
    {
        if (Shape.Accepts(context) && new CallScope(context).EnsureUp())
        {
            Prompt(context);
        }
    }

    public void Resume(ActivityContext context, ActivitySignal signal)
    {
        switch (signal.Name)
        {
            case CallSignals.Answered:
                Prompt(context);
                break;
            case CallSignals.Playback:
                Playing.LogFailure(context, Shape.Name, signal);
                Listen(context);
                break;
            case CallSignals.Digit:
                if (signal.Text("digit") is { Length: 1 } digit && Allowed.Contains(digit[0]))
                {
                    Take(context, digit);
                }

                break;
            case CallSignals.Timer:
                TimedOut(context);
                break;
            default:
                Ending.Resume(context, signal);
                break;
        }
    }

    public void Cancel(ActivityContext context) => Playing.Cancel(context);

    private static void Prompt(ActivityContext context)
    {
        var prompt = new List<PlaySource>(2);
        if (PromptUrl.In(context) is { } url)
        {
            prompt.Add(new SoundSource(new Uri(url)));
        }

        if (Text.In(context) is { } text)
        {
            prompt.Add(new SpeechSource(text, SharedParameters.Voice.In(context), SharedParameters.Language.In(context)));
        }

        context.WaitFor(CallSignals.Digit);
        if (prompt.Count == 0)
        {
            Listen(context);
            return;
        }

        var bargeIn = BargeIn.In(context);
        context.State = new JsonObject { ["digits"] = "", ["prompting"] = true };
        new CallScope(context).Play(prompt, stopOnDigit: bargeIn);
    }

    private static void Listen(ActivityContext context)
    {
        var digits = context.State.Text("digits") ?? "";
        context.State = new JsonObject { ["digits"] = digits };
        context.StartTimer(TimerKey, Timeout.SecondsIn(context)!.Value);
    }

    private static void Take(ActivityContext context, string digit)
    {
        var prompting = context.State.Flag("prompting");
        if (prompting && !BargeIn.In(context))
        {
            return;
        }

        if (digit == FinishOnKey.In(context))
        {
            Finish(context, context.State.Text("digits") ?? "");
            return;
        }

        var digits = (context.State.Text("digits") ?? "") + digit;
        if (CountIn(context) is { } count && digits.Length >= count)
        {
            Finish(context, digits);
            return;
        }

        context.State = new JsonObject { ["digits"] = digits, ["prompting"] = prompting };
        if (!prompting)
        {
            context.StartTimer(TimerKey, Timeout.SecondsIn(context)!.Value);
        }
    }

    // sift-api 3.3: an incomplete entry counts for nothing. An entry of open length has no other end than silence, so there it is the result.
    private static void TimedOut(ActivityContext context)
    {
        var digits = context.State.Text("digits") ?? "";
        var isOpen = CountIn(context) is null && FinishOnKey.In(context) is null;
        if (digits.Length > 0 && (isOpen || KeysIn(context).Contains(digits)))
        {
            Finish(context, digits);
        }
        else
        {
            Finish(context, "Timeout", "");
        }
    }

    private static IReadOnlyCollection<string> KeysIn(ActivityContext context) =>
        context.Input(Keys.Name) is JsonArray keys ? [.. keys.Select(static key => key?.ToString() ?? "").Where(static key => key.Length > 0)] : [];

    /// <summary>Entries that are all listed need no count: the longest of them says when the last key has come.</summary>
    private static double? CountIn(ActivityContext context) =>
        Count.In(context) ?? (FinishOnKey.In(context) is null && KeysIn(context) is { Count: > 0 } keys ? keys.Max(static key => key.Length) : null);

    private static void Finish(ActivityContext context, string digits)
    {
        var keys = KeysIn(context);
        Finish(context, keys.Count == 0 ? "Digits" : keys.Contains(digits) ? digits : "Other", digits);
    }

    private static void Finish(ActivityContext context, string outcome, string digits)
    {
        context.StopWaiting(CallSignals.Digit);
        context.StopTimer(TimerKey);
        if (context.State.Flag("prompting"))
        {
            new CallScope(context).StopPlaying();
        }

        Ending.Finish(context, SharedParameters.OnDone.In(context), outcome, new JsonObject { ["Digits"] = digits }, body => body with { Digits = digits }, Sensitive.In(context));
    }

    [GeneratedRegex("^[0-9*#]$")]
    private static partial Regex OneKey();
}
