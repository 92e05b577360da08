using Sift.Activities.Http;
using Sift.Activities.Routines;
using Sift.Workflows.Activities;

namespace Sift.Activities.Calls;

/// <summary>Every activity kind of this project, for the engine's catalog.</summary>
public static class CallActivities
{
    /// <summary>The commands, and the activities that fetch and run routines.</summary>
    /// <param name="options">Bench mode adds the commands of the load scenarios.</param>
    public static IReadOnlyList<IActivity> All(CallOptions options)
    {
        var commands = options.Bench is null ? CommandCatalog.Instance : CommandCatalog.WithBench;
        return [.. commands.Commands, new FetchRoutine(), new PlaceCall(), new Fallback(), new AnswerCall(), new RunRoutine(new RoutineParser(commands)), new HttpCall()];
    }
}
