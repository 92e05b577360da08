using Sift.Activities.Calls;
using Sift.Activities.Routines;
using Sift.Media.Legs;
using Sift.Workflows.Activities;

namespace Sift.Activities.Commands;

/// <summary>Plays a sound file.</summary>
internal sealed class Play : ICommand
{
    private static readonly UrlParameter SoundUrl = new("sound_url", "URL of a wav or mp3 file.") { IsRequired = true };

    public CommandShape Shape { get; } = new("Play", "Play", "Plays a sound file to the caller.", [SoundUrl, SharedParameters.Loop, SharedParameters.OnDone])
    {
        Outputs = Ending.Outputs,
    };

    public ActivityDescriptor Descriptor => Shape.Descriptor;

    public void Start(ActivityContext context)
    {
        if (Shape.Accepts(context) && new CallScope(context).EnsureUp())
        {
            Begin(context);
        }
    }

    public void Resume(ActivityContext context, ActivitySignal signal)
    {
        if (signal.Name == CallSignals.Answered)
        {
            Begin(context);
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

    private static void Begin(ActivityContext context) =>
        new CallScope(context).Play([new SoundSource(new Uri(SoundUrl.In(context)!))], SharedParameters.Loop.In(context));
}
