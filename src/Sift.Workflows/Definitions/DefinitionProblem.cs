namespace Sift.Workflows.Definitions;

/// <summary>One thing wrong with a definition.</summary>
/// <param name="ActivityId">Null when it concerns the definition as a whole.</param>
/// <param name="Message">For people; names the activity.</param>
/// <param name="IsWarning">It can run, but probably not as meant.</param>
public sealed record DefinitionProblem(string? ActivityId, string Message, bool IsWarning = false);

/// <summary>A definition cannot be published as it is.</summary>
public sealed class DefinitionInvalidException(IReadOnlyList<DefinitionProblem> problems)
    : Exception(string.Join(" ", problems.Where(problem => !problem.IsWarning).Select(problem => problem.Message)))
{
    public IReadOnlyList<DefinitionProblem> Problems { get; } = problems;
}
