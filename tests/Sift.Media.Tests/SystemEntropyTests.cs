namespace Sift.Media.Tests;

public sealed class SystemEntropyTests
{
    [Theory]
    [InlineData(8)]
    [InlineData(16)]
    [InlineData(64)]
    [InlineData(65)]
    [InlineData(600)]
    public void No_bytes_are_given_out_twice(int length)
    {
        var entropy = new SystemEntropy();
        var seen = new HashSet<string>();
        for (var i = 0; i < 1000; i++)
        {
            var bytes = new byte[length];
            entropy.Fill(bytes);
            Assert.True(seen.Add(Convert.ToHexString(bytes)));
        }
    }

    [Fact]
    public void Every_byte_asked_for_is_random()
    {
        var entropy = new SystemEntropy();
        var bytes = new byte[7];
        var touched = new bool[7];
        for (var i = 0; i < 200; i++)
        {
            Array.Clear(bytes);
            entropy.Fill(bytes);
            for (var b = 0; b < bytes.Length; b++)
            {
                touched[b] |= bytes[b] != 0;
            }
        }

        Assert.DoesNotContain(false, touched);
    }
}
