namespace Sift.Workflows.Definitions;

/// <summary>A flow of that id belongs to another account, or to the server.</summary>
public sealed class DefinitionForeignException(string definitionId) : Exception($"The flow '{definitionId}' is read-only. Duplicate it and change the copy.");
