namespace Sift.Workflows.Journal;

/// <summary>
/// The journal holds entries that this owner did not write, or this owner's lease is gone: another process owns the instance now.
/// The runtime drops its copy without carrying out anything more.
/// </summary>
public sealed class JournalConflictException(string instanceId, string message) : Exception(message)
{
    public string InstanceId { get; } = instanceId;
}
