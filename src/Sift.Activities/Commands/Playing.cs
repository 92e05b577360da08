using System.Text.Json.Nodes;
using Sift.Activities.Calls;
using Sift.Workflows.Activities;

namespace Sift.Activities.Commands;

/// <summary>What every command that plays something does alike.</summary>
internal static class Playing
{
    /// <summary>A prompt that cannot be played costs that prompt, not the call; people find out from the journal.</summary>
    public static void LogFailure(ActivityContext context, string command, ActivitySignal playback)
    {
        if (playback.Text("end") == "failed")
        {
            context.Log($"{command} could not be played: {playback.Text("error") ?? "no reason given"}", new JsonObject { ["level"] = "warning" });
        }
    }

    public static void Cancel(ActivityContext context)
    {
        if (!Ending.Cancel(context))
        {
            new CallScope(context).StopPlaying();
        }
    }
}
