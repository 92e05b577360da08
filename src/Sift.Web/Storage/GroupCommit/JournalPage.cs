using System.Buffers.Binary;
using System.Text;
using Sift.Workflows.Journal;

namespace Sift.Web.Storage.GroupCommit;

/// <summary>
/// What one instance appended in one transaction, as one row: a call appends many small entries, and a row and an index entry for each would cost
/// more than the entries. Per entry: time (8 bytes), length of the kind (1), kind, length of the data (4), data; sequences count up from the row's first.
/// </summary>
internal static class JournalPage
{
    private const int Fixed = 8 + 1 + 4;

    public static byte[] Encode(InstanceGroup instance)
    {
        var size = 0;
        foreach (var request in instance.Requests)
        {
            foreach (var entry in request.Append!.Entries)
            {
                size += Fixed + Encoding.UTF8.GetByteCount(entry.Kind) + entry.Data.Length;
            }
        }

        var page = new byte[size];
        var rest = page.AsSpan();
        foreach (var request in instance.Requests)
        {
            foreach (var entry in request.Append!.Entries)
            {
                BinaryPrimitives.WriteInt64LittleEndian(rest, entry.At.UtcTicks);
                var kind = Encoding.UTF8.GetBytes(entry.Kind, rest[9..]);
                rest[8] = checked((byte)kind);
                BinaryPrimitives.WriteInt32LittleEndian(rest[(9 + kind)..], entry.Data.Length);
                entry.Data.Span.CopyTo(rest[(Fixed + kind)..]);
                rest = rest[(Fixed + kind + entry.Data.Length)..];
            }
        }

        return page;
    }

    public static IEnumerable<JournalEntry> Decode(string instanceId, long firstSequence, byte[] page)
    {
        var sequence = firstSequence;
        for (var at = 0; at < page.Length;)
        {
            var time = BinaryPrimitives.ReadInt64LittleEndian(page.AsSpan(at));
            var kind = page[at + 8];
            var length = BinaryPrimitives.ReadInt32LittleEndian(page.AsSpan(at + 9 + kind));
            yield return new JournalEntry(
                instanceId, sequence++, new DateTimeOffset(time, TimeSpan.Zero), string.Intern(Encoding.UTF8.GetString(page, at + 9, kind)), page.AsMemory(at + Fixed + kind, length));
            at += Fixed + kind + length;
        }
    }
}
