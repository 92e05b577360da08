using Sift.Workflows.Activities;

namespace Sift.Activities.Routines;

/// <summary>
/// One routine command. Implement it in one file under <c>Commands/</c> and it is part of the parser, the schema, the designer and
/// the engine: commands are found by one scan at start.
/// </summary>
public interface ICommand : IActivity
{
    /// <summary>Its name, parameters, outputs and outcomes.</summary>
    CommandShape Shape { get; }
}

/// <summary>A command that exists in bench mode only; it is in no schema and no designer.</summary>
internal interface IBenchCommand : ICommand;
