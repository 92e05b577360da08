using Sift.Media.Sip.Sandbox;

namespace Sift.Media.Tests.Sip.Sandbox;

public sealed class MagicNumbersTests
{
    [Theory]
    [InlineData("+15550100001", 0)]
    [InlineData("+15550100002", 1)]
    [InlineData("+15550100003", 2)]
    [InlineData("+15550100004", 3)]
    [InlineData("+15550100005", 4)]
    [InlineData("+15550100006", 5)]
    [InlineData("+15550100007", 6)]
    [InlineData("+15550101000", 7)]
    public void Each_number_has_its_behaviour(string number, int behaviour)
    {
        Assert.True(MagicNumbers.TryFind(number, out var callee));
        Assert.Equal((MagicBehaviour)behaviour, callee.Behaviour);
    }

    [Theory]
    [InlineData("+15550101000", 0)]
    [InlineData("+15550101005", 5)]
    [InlineData("+15550101120", 120)]
    [InlineData("+15550101999", 999)]
    public void The_last_three_digits_say_when_it_hangs_up(string number, int seconds)
    {
        Assert.True(MagicNumbers.TryFind(number, out var callee));
        Assert.Equal(TimeSpan.FromSeconds(seconds), callee.TalkTime);
    }

    [Theory]
    [InlineData("+15550100000")]
    [InlineData("+15550100008")]
    [InlineData("+15550102005")]
    [InlineData("+1555010000")]
    [InlineData("+155501000011")]
    [InlineData("+15554443333")]
    public void Other_numbers_are_phones(string number) => Assert.False(MagicNumbers.TryFind(number, out _));
}
