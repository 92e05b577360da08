namespace Sift.Activities.Calls;

/// <summary>No call can be begun now; nothing was dialled or kept.</summary>
/// <param name="message">Why, for the one who asked for it.</param>
public sealed class CallRefusedException(string message) : Exception(message);
