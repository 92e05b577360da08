using Sift.Media.Legs;
using Sift.Media.Sip.Calls;

namespace Sift.Media.Tests.Sip.Calls;

public sealed class SipFailuresTests
{
    [Theory]
    [InlineData(486, LegEndCause.Busy)]
    [InlineData(600, LegEndCause.Busy)]
    [InlineData(408, LegEndCause.NoAnswer)]
    [InlineData(480, LegEndCause.NoAnswer)]
    [InlineData(487, LegEndCause.NoAnswer)]
    [InlineData(603, LegEndCause.Declined)]
    [InlineData(403, LegEndCause.Forbidden)]
    [InlineData(401, LegEndCause.Forbidden)]
    [InlineData(407, LegEndCause.Forbidden)]
    [InlineData(404, LegEndCause.NotFound)]
    [InlineData(410, LegEndCause.NotFound)]
    [InlineData(484, LegEndCause.NotFound)]
    [InlineData(604, LegEndCause.NotFound)]
    [InlineData(500, LegEndCause.Unreachable)]
    [InlineData(503, LegEndCause.Unreachable)]
    [InlineData(504, LegEndCause.Unreachable)]
    [InlineData(488, LegEndCause.Error)]
    [InlineData(302, LegEndCause.Error)]
    [InlineData(606, LegEndCause.Error)]
    public void A_final_status_has_one_meaning(int status, LegEndCause cause) => Assert.Equal(cause, SipFailures.CauseOf(status));

    [Theory]
    [InlineData(LegEndCause.Busy, 486)]
    [InlineData(LegEndCause.Declined, 603)]
    [InlineData(LegEndCause.NotFound, 404)]
    [InlineData(LegEndCause.NoAnswer, 480)]
    [InlineData(LegEndCause.Error, 480)]
    public void A_refusal_has_its_status(LegEndCause cause, int status) => Assert.Equal(status, SipFailures.StatusOf(cause));

    [Fact]
    public void A_reason_text_cannot_leave_its_quotes() =>
        Assert.Equal("Q.850;cause=16;text=\"a \\\"b\\\" \\\\c\"", SipFailures.ReasonHeader("a \"b\" \\c"));

    [Fact]
    public void A_reason_text_cannot_begin_another_header()
    {
        var headers = new Sift.Protocols.Sip.Messages.SipHeaders();
        headers.Add("Reason", SipFailures.ReasonHeader("first\r\nX-Second: line"));
        Assert.Equal("Q.850;cause=16;text=\"first  X-Second: line\"", headers.Get("Reason"));
    }
}
