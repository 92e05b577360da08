namespace Sift.Protocols.Fuzz;

/// <summary>
/// Every prefix of every corpus file, and every byte of it changed in the ways that hurt parsers: one way per byte in turn by default,
/// all of them and every bit flip when SIFT_FUZZ_SECONDS asks for a long run.
/// </summary>
public sealed class SweepTests
{
    private static readonly byte[] Hurtful =
        [0, (byte)'\t', (byte)'\n', (byte)'\r', (byte)' ', (byte)'"', (byte)'%', (byte)',', (byte)':', (byte)';', (byte)'<', (byte)'>', (byte)'\\', (byte)'=', 0x7f, 0x80, 0xff];

    public static TheoryData<string> Targets => [.. FuzzCorpus.Targets.Select(t => t.Name)];

    [Theory]
    [MemberData(nameof(Targets))]
    public void Survives_every_prefix(string name)
    {
        var target = FuzzCorpus.Target(name);
        foreach (var file in FuzzCorpus.Files(name))
        {
            for (var length = 0; length <= file.Length; length++)
            {
                FuzzRun.Once(target, file[..length], $"prefix {length}");
            }
        }
    }

    [Theory]
    [MemberData(nameof(Targets))]
    public void Survives_every_single_byte_change(string name)
    {
        var target = FuzzCorpus.Target(name);
        foreach (var file in FuzzCorpus.Files(name))
        {
            var input = (byte[])file.Clone();
            for (var at = 0; at < file.Length; at++)
            {
                for (var i = 0; i < (FuzzSettings.IsLongRun ? Hurtful.Length : 1); i++)
                {
                    var value = Hurtful[(at + i) % Hurtful.Length];
                    input[at] = value;
                    FuzzRun.Once(target, input, $"byte {at} = {value}");
                }

                for (var bit = 0; FuzzSettings.IsLongRun && bit < 8; bit++)
                {
                    input[at] = (byte)(file[at] ^ (1 << bit));
                    FuzzRun.Once(target, input, $"byte {at} with bit {bit} flipped");
                }

                input[at] = file[at];
            }
        }
    }
}
