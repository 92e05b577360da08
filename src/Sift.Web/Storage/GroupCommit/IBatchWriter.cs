namespace Sift.Web.Storage.GroupCommit;

/// <summary>Writes a group of requests in one transaction. Called by the one writer thread only, so it may block.</summary>
internal interface IBatchWriter : IDisposable
{
    /// <summary>
    /// Commits the group. A request that lost the race for its instance gets <see cref="WriteRequest.Refusal"/> and is left out. Throws when
    /// the transaction as a whole failed: then nothing of the group is known to be durable.
    /// </summary>
    void Commit(IReadOnlyList<WriteRequest> group);
}
