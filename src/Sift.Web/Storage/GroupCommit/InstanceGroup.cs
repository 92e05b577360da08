using Sift.Workflows.Journal;

namespace Sift.Web.Storage.GroupCommit;

/// <summary>The appends of one instance within one transaction: fenced once, at the first entry's sequence.</summary>
internal sealed class InstanceGroup(WriteRequest first)
{
    public List<WriteRequest> Requests { get; } = [first];

    public string InstanceId { get; } = first.Append!.InstanceId;

    /// <summary>What the database must hold as last sequence; 0 when the instance must not exist yet.</summary>
    public long Expected { get; } = first.Append!.Entries[0].Sequence - 1;

    public bool IsRefused { get; private set; }

    public InstanceSummary Summary => Requests[^1].Append!.Summary;

    /// <summary>Forms the groups; an append that does not go on where its predecessor in the same transaction ended is refused.</summary>
    public static List<InstanceGroup> Form(IReadOnlyList<WriteRequest> requests)
    {
        var groups = new Dictionary<string, InstanceGroup>(requests.Count, StringComparer.Ordinal);
        foreach (var request in requests)
        {
            if (request.Append is not { } append)
            {
                continue;
            }

            if (!groups.TryGetValue(append.InstanceId, out var group))
            {
                groups.Add(append.InstanceId, new InstanceGroup(request));
            }
            else if (group.Requests[^1].Append!.Entries[^1].Sequence + 1 == append.Entries[0].Sequence)
            {
                group.Requests.Add(request);
            }
            else
            {
                request.Refusal = Conflict(append);
            }
        }

        return [.. groups.Values];
    }

    public void Refuse()
    {
        IsRefused = true;
        foreach (var request in Requests)
        {
            request.Refusal = Conflict(request.Append!);
        }
    }

    private static JournalConflictException Conflict(JournalAppend append)
        => new(append.InstanceId, $"Instance {append.InstanceId} is not at sequence {append.Entries[0].Sequence - 1}: another owner has appended");
}
