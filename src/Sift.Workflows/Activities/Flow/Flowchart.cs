using System.Text.Json.Nodes;
using Sift.Workflows.Definitions;
using Sift.Workflows.Engine;

namespace Sift.Workflows.Activities.Flow;

/// <summary>
/// Activities joined by connections: when one completes, what hangs on its outcome port starts. An activity that several connections lead
/// to runs once for each arrival, except a Join. A fault follows the port <c>Faulted</c> if one is connected. Complete when nothing runs.
/// </summary>
internal sealed class Flowchart : IActivity
{
    public const string TypeName = "Elsa.Flowchart";

    /// <summary>An outcome that leaves by every port.</summary>
    public const string AllPorts = "*";

    /// <summary>The port that every activity has besides its own: taken when it fails.</summary>
    public const string FaultedPort = "Faulted";

    public ActivityDescriptor Descriptor { get; } =
        new(TypeName, 1, FlowActivities.Category, "Flowchart", "Activities joined by connections.") { IsContainer = true, IsBrowsable = false };

    public void Start(ActivityContext context)
    {
        foreach (var start in FlowchartStructure.Of(context.Node).Starts) context.Schedule(start, start.Id);
        CompleteWhenIdle(context);
    }

    public void ChildCompleted(ActivityContext context, ChildCompletion child)
    {
        var structure = FlowchartStructure.Of(context.Node);
        if (child.Slot is { } source)
        {
            foreach (var connection in structure.From(source))
            {
                if (connection.Port == child.Outcome || child.Outcome == AllPorts) Follow(context, structure, connection);
            }
        }

        GoOn(context);
    }

    public bool ChildFaulted(ActivityContext context, ChildFault fault)
    {
        if (fault.Slot is not { } source) return false;
        var structure = FlowchartStructure.Of(context.Node);
        var ways = structure.From(source).Where(connection => connection.Port == FaultedPort).ToList();
        foreach (var connection in ways) Follow(context, structure, connection);
        return ways.Count > 0;
    }

    /// <summary>After a child has gone: what waited for it may start, and without anything running the flowchart is complete.</summary>
    internal static void GoOn(ActivityContext context)
    {
        PassJoins(context, FlowchartStructure.Of(context.Node));
        CompleteWhenIdle(context);
    }

    private static void Follow(ActivityContext context, FlowchartStructure structure, FlowConnection connection)
    {
        var target = structure[connection.Target];
        if (target.Type != Join.TypeName)
        {
            context.Schedule(target, target.Id);
            return;
        }

        var arrivals = Arrivals.Of(context);
        arrivals.Add(target.Id, connection.Index);
        arrivals.Save(context);
    }

    /// <summary>Lets every Join go whose branches are all in, or, for the first-come kind, one of them.</summary>
    private static void PassJoins(ActivityContext context, FlowchartStructure structure)
    {
        if (context.State is null) return;
        var arrivals = Arrivals.Of(context);
        foreach (var (id, arrived) in arrivals.Waiting())
        {
            var join = structure[id];
            if (Join.WaitsForAll(join))
            {
                // A branch that a decision did not take never arrives: only what still runs can keep a Join waiting.
                var complete = structure.To(id).All(connection => arrived.Contains(connection.Index));
                if (!complete && CanStillArrive(context, structure, arrivals, id)) continue;
            }
            else
            {
                CancelWhatLeadsTo(context, structure, id);
            }

            arrivals.Clear(id);
            arrivals.Save(context);
            context.Schedule(join, id);
        }
    }

    private static bool CanStillArrive(ActivityContext context, FlowchartStructure structure, Arrivals arrivals, string join) =>
        ((StepContext)context).Children.Any(child => child.Slot is { } slot && structure.CanReach(slot, join))
        || arrivals.Waiting().Any(other => other.Join != join && structure.CanReach(other.Join, join) && !structure.CanReach(join, other.Join));

    private static void CancelWhatLeadsTo(ActivityContext context, FlowchartStructure structure, string join)
    {
        var step = (StepContext)context;
        foreach (var child in step.Children.ToArray())
        {
            if (child.Slot is { } slot && structure.CanReach(slot, join)) step.Cancel(child);
        }
    }

    private static void CompleteWhenIdle(ActivityContext context)
    {
        if (context.RunningChildren == 0) context.Complete();
    }

    /// <summary>Which connections have reached which Join; the state of a flowchart, null while no Join waits.</summary>
    private sealed class Arrivals(JsonObject joins)
    {
        public static Arrivals Of(ActivityContext context) => new(context.State as JsonObject ?? []);

        public void Add(string join, int connection)
        {
            if (joins[join] is not JsonArray list) joins[join] = list = [];
            if (!list.Any(item => item!.GetValue<int>() == connection)) list.Add(connection);
        }

        public void Clear(string join) => joins.Remove(join);

        public void Save(ActivityContext context) => context.State = joins.Count == 0 ? null : joins;

        public IReadOnlyList<(string Join, HashSet<int> Connections)> Waiting() =>
            [.. joins.Select(pair => (pair.Key, pair.Value!.AsArray().Select(item => item!.GetValue<int>()).ToHashSet()))];
    }
}
