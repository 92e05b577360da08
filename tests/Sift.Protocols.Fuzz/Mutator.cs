using System.Text;

namespace Sift.Protocols.Fuzz;

/// <summary>Makes hostile inputs out of corpus files. The same seed and corpus give the same inputs in the same order.</summary>
internal sealed class Mutator(int seed, IReadOnlyList<byte[]> corpus, IReadOnlyList<byte[]> dictionary)
{
    private const int LongestInput = 70_000;

    private readonly Random _random = new(seed);

    public byte[] Next()
    {
        var bytes = new List<byte>(Pick(corpus));
        var steps = 1 + _random.Next(6);
        for (var i = 0; i < steps; i++)
        {
            Mutate(bytes);
        }

        if (bytes.Count > LongestInput)
        {
            bytes.RemoveRange(LongestInput, bytes.Count - LongestInput);
        }

        return [.. bytes];
    }

    private void Mutate(List<byte> bytes)
    {
        switch (_random.Next(9))
        {
            case 0 when bytes.Count > 0:
                bytes[_random.Next(bytes.Count)] ^= (byte)(1 << _random.Next(8));
                break;
            case 1 when bytes.Count > 0:
                bytes[_random.Next(bytes.Count)] = (byte)_random.Next(256);
                break;
            case 2:
                bytes.InsertRange(At(bytes), Pick(dictionary));
                break;
            case 3:
                Truncate(bytes);
                break;
            case 4:
                Splice(bytes);
                break;
            case 5:
                LieAboutANumber(bytes);
                break;
            case 6:
                Repeat(bytes);
                break;
            case 7:
                Cut(bytes);
                break;
            default:
                SwapLines(bytes);
                break;
        }
    }

    private void Truncate(List<byte> bytes)
    {
        var length = At(bytes);
        bytes.RemoveRange(length, bytes.Count - length);
    }

    private void Splice(List<byte> bytes)
    {
        var other = Pick(corpus);
        var from = _random.Next(other.Length + 1);
        var count = _random.Next(other.Length - from + 1);
        bytes.InsertRange(At(bytes), other.AsSpan(from, count).ToArray());
    }

    /// <summary>Replaces a run of digits: lengths, ports, counts and payload types that are not true.</summary>
    private void LieAboutANumber(List<byte> bytes)
    {
        string[] lies = ["0", "-1", "1", "65535", "65536", "2147483647", "2147483648", "4294967295", "4294967296", "18446744073709551616", "00000000000000000001", ""];
        var start = bytes.FindIndex(At(bytes), b => b is >= (byte)'0' and <= (byte)'9');
        if (start < 0)
        {
            return;
        }

        var end = start;
        while (end < bytes.Count && bytes[end] is >= (byte)'0' and <= (byte)'9')
        {
            end++;
        }

        bytes.RemoveRange(start, end - start);
        bytes.InsertRange(start, Encoding.ASCII.GetBytes(Pick(lies)));
    }

    private void Repeat(List<byte> bytes)
    {
        var from = At(bytes);
        var count = Math.Min(_random.Next(1, 40), bytes.Count - from);
        var piece = bytes.GetRange(from, count);
        for (var times = 1 << _random.Next(8); times > 0 && bytes.Count < LongestInput; times--)
        {
            bytes.InsertRange(from, piece);
        }
    }

    private void Cut(List<byte> bytes)
    {
        var from = At(bytes);
        bytes.RemoveRange(from, Math.Min(_random.Next(1, 60), bytes.Count - from));
    }

    private void SwapLines(List<byte> bytes)
    {
        var first = bytes.IndexOf((byte)'\n');
        var at = At(bytes);
        var line = at < bytes.Count ? bytes.IndexOf((byte)'\n', at) : -1;
        var next = line >= 0 && line + 1 < bytes.Count ? bytes.IndexOf((byte)'\n', line + 1) : -1;
        if (first < 0 || next < 0)
        {
            return;
        }

        var moved = bytes.GetRange(line + 1, next - line);
        bytes.RemoveRange(line + 1, next - line);
        bytes.InsertRange(first + 1, moved);
    }

    private int At(List<byte> bytes) => _random.Next(bytes.Count + 1);

    private T Pick<T>(IReadOnlyList<T> list) => list[_random.Next(list.Count)];
}
