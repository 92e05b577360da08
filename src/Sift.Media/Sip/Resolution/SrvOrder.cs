using System.Buffers.Binary;
using Sift.Protocols;

namespace Sift.Media.Sip.Resolution;

/// <summary>RFC 2782: lower priorities first; within one, a draw by weight, so that load spreads as the domain wants it.</summary>
internal static class SrvOrder
{
    public static IReadOnlyList<SrvRecord> Draw(IReadOnlyList<SrvRecord> records, IEntropy entropy)
    {
        var drawn = new List<SrvRecord>(records.Count);
        foreach (var priority in records.GroupBy(static record => record.Priority).OrderBy(static group => group.Key))
        {
            // Weight 0 first, so that it has a small chance only.
            var left = priority.OrderBy(static record => record.Weight).ToList();
            while (left.Count > 0)
            {
                var at = Pick(left, entropy);
                drawn.Add(left[at]);
                left.RemoveAt(at);
            }
        }

        return drawn;
    }

    private static int Pick(List<SrvRecord> left, IEntropy entropy)
    {
        var total = left.Sum(static record => record.Weight);
        Span<byte> random = stackalloc byte[8];
        entropy.Fill(random);
        var mark = (long)(BinaryPrimitives.ReadUInt64LittleEndian(random) % (ulong)(total + 1));
        long sum = 0;
        for (var i = 0; i < left.Count; i++)
        {
            sum += left[i].Weight;
            if (sum >= mark)
            {
                return i;
            }
        }

        return left.Count - 1;
    }
}
