namespace Sift.Workflows.Journal;

/// <summary>Where a test call is held before activities begin.</summary>
/// <param name="Breakpoints">Node ids of the activities that hold it.</param>
/// <param name="IsStepping">True to hold it at its very first activity.</param>
/// <param name="Limit">How long it is held at one place; then it is cancelled.</param>
public sealed record HoldPlan(IReadOnlyList<string> Breakpoints, bool IsStepping, TimeSpan Limit);
