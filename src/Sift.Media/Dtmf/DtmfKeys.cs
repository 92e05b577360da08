namespace Sift.Media.Dtmf;

/// <summary>The keypad of ITU-T Q.23: four rows of a low tone, four columns of a high one.</summary>
internal static class DtmfKeys
{
    public static ReadOnlySpan<double> LowTones => [697, 770, 852, 941];

    public static ReadOnlySpan<double> HighTones => [1209, 1336, 1477, 1633];

    private const string Keypad = "123A456B789C*0#D";

    public static char At(int row, int column) => Keypad[(row * 4) + column];

    /// <returns>Null when it is no key.</returns>
    public static (double Low, double High)? Find(char key)
    {
        var index = Keypad.IndexOf(char.ToUpperInvariant(key), StringComparison.Ordinal);
        return index < 0 ? null : (LowTones[index / 4], HighTones[index % 4]);
    }
}
