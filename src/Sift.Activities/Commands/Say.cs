using System.Text.Json;
using Sift.Activities.Calls;
using Sift.Activities.Routines;
using Sift.Media.Legs;
using Sift.Workflows.Activities;

namespace Sift.Activities.Commands;

/// <summary>Speaks text.</summary>
internal sealed class Say : ICommand
{
    private static readonly TextParameter Text = new("text", "What to say.") { IsRequired = true, MaxLength = 10_000, UiHint = "multiline" };

    public CommandShape Shape { get; } = new("Say", "Say", "Speaks a text to the caller.", [Text, SharedParameters.Voice, SharedParameters.Language, SharedParameters.Loop, SharedParameters.OnDone])
    {
        Outputs = Ending.Outputs,
    };

    public ActivityDescriptor Descriptor => Shape.Descriptor;

    public void Start(ActivityContext context)
    {
        if (Shape.Accepts(context) && new CallScope(context).EnsureUp())
        {
            Speak(context);
        }
    }

    public void Resume(ActivityContext context, ActivitySignal signal)
    {
        if (signal.Name == CallSignals.Answered)
        {
            Speak(context);
        }
        else if (signal.Name == CallSignals.Playback)
        {
            Playing.LogFailure(context, Shape.Name, signal);
            Ending.Finish(context, SharedParameters.OnDone.In(context), "Done", []);
        }
        else
        {
            Ending.Resume(context, signal);
        }
    }

    public void Cancel(ActivityContext context) => Playing.Cancel(context);

    private static void Speak(ActivityContext context) => new CallScope(context).Play(
        [new SpeechSource(Text.In(context)!, SharedParameters.Voice.In(context), SharedParameters.Language.In(context))],
        SharedParameters.Loop.In(context));
}
