namespace Sift.Workflows.Engine;

/// <summary>The longest common subsequence of two lists, found window by window so that long ones stay affordable.</summary>
internal static class SequenceAlignment
{
    private const int Window = 1_500;

    /// <summary>Pairs of equal positions, in order.</summary>
    public static IEnumerable<(int First, int Second)> Of(int[] first, int[] second)
    {
        var (i, j) = (0, 0);
        while (i < first.Length && j < second.Length)
        {
            if (first[i] == second[j])
            {
                yield return (i++, j++);
                continue;
            }

            var (height, width) = (Math.Min(Window, first.Length - i), Math.Min(Window, second.Length - j));
            var isLast = i + height == first.Length && j + width == second.Length;
            var (startI, startJ) = (i, j);
            foreach (var (a, b) in Within(first.AsSpan(i, height), second.AsSpan(j, width)))
            {
                // What is matched near the far edge may be matched better by a window that sees more.
                if (!isLast && (a > height / 2 || b > width / 2)) break;
                yield return (startI + a, startJ + b);
                (i, j) = (startI + a + 1, startJ + b + 1);
            }

            if (isLast) yield break;
            if (i == startI) (i, j) = (i + Math.Max(1, height / 2), j + Math.Max(1, width / 2));
        }
    }

    private static List<(int A, int B)> Within(ReadOnlySpan<int> first, ReadOnlySpan<int> second)
    {
        var lengths = new ushort[first.Length + 1, second.Length + 1];
        for (var a = first.Length - 1; a >= 0; a--)
        {
            for (var b = second.Length - 1; b >= 0; b--)
            {
                lengths[a, b] = first[a] == second[b] ? (ushort)(lengths[a + 1, b + 1] + 1) : Math.Max(lengths[a + 1, b], lengths[a, b + 1]);
            }
        }

        var pairs = new List<(int, int)>();
        for (var (a, b) = (0, 0); a < first.Length && b < second.Length;)
        {
            if (first[a] == second[b]) pairs.Add((a++, b++));
            else if (lengths[a + 1, b] >= lengths[a, b + 1]) a++;
            else b++;
        }

        return pairs;
    }
}
