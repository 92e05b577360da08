namespace Sift.Workflows.Expressions;

/// <summary>An input's expression has no usable value. The message names the input; the activity faults with it.</summary>
internal sealed class InputException(string message) : Exception(message);
