using Sift.Media.Sip;

namespace Sift.Media.Tests.Sip;

public sealed class DialledNumberTests
{
    [Theory]
    [InlineData("+15554443333")]
    [InlineData("15554443333")]
    [InlineData("0015554443333")]
    [InlineData("+1 (555) 444-3333")]
    [InlineData("+1.555.444.3333")]
    public void Takes_the_ways_people_write_numbers(string text)
    {
        Assert.True(DialledNumber.TryNormalise(text, out var number));
        Assert.Equal("+15554443333", number);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("+")]
    [InlineData("alice")]
    [InlineData("123456")]
    [InlineData("+1234567890123456")]
    [InlineData("00000000000000000000000000000000")]
    [InlineData("+05554443333")]
    [InlineData("1+5554443333")]
    [InlineData("+1555444333a")]
    public void Takes_nothing_else(string? text) => Assert.False(DialledNumber.TryNormalise(text, out _));
}
