namespace Sift.Workflows.Definitions;

/// <summary>The definition version an instance needs is not there or cannot be run.</summary>
public sealed class DefinitionNotFoundException(string message) : Exception(message);
