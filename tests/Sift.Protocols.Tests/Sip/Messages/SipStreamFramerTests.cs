using System.Text;
using Sift.Protocols.Sip.Messages;

namespace Sift.Protocols.Tests.Sip.Messages;

public sealed class SipStreamFramerTests
{
    private const string One = "OPTIONS sip:a@b SIP/2.0\r\nVia: SIP/2.0/TCP h;branch=z9hG4bK1\r\nContent-Length: 3\r\n\r\nabc";
    private const string Two = "OPTIONS sip:c@d SIP/2.0\r\nl :\r\n  0\r\n\r\n";

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(13)]
    [InlineData(1000)]
    public void Cuts_messages_wherever_tcp_cut_the_stream(int step)
    {
        using var framer = new SipStreamFramer();
        Assert.Equal([One, Two, One], Messages(framer, One + Two + "\r\n" + One, step));
        Assert.Equal(0, framer.Buffered);
    }

    [Fact]
    public void Two_line_ends_are_a_ping_and_one_is_a_pong()
    {
        using var framer = new SipStreamFramer();

        framer.Append("\r\n\r\n"u8);
        Assert.Equal(SipFrameKind.Ping, framer.Next().Kind);
        Assert.Equal(SipFrameKind.None, framer.Next().Kind);

        framer.Append("\r\n"u8);
        Assert.Equal(SipFrameKind.Pong, framer.Next().Kind);
        Assert.Equal(SipFrameKind.None, framer.Next().Kind);
    }

    [Theory]
    [InlineData("OPTIONS sip:a@b SIP/2.0\r\nVia: SIP/2.0/TCP h\r\n\r\n")]
    [InlineData("OPTIONS sip:a@b SIP/2.0\r\nContent-Length: -1\r\n\r\n")]
    [InlineData("OPTIONS sip:a@b SIP/2.0\r\nContent-Length: 1\r\nl: 1\r\n\r\n")]
    [InlineData("OPTIONS sip:a@b SIP/2.0\r\nContent-Length: 99999999999999999999\r\n\r\n")]
    [InlineData("OPTIONS sip:a@b SIP/2.0\r\nContent-Length: 70000\r\n\r\n")]
    public void A_length_that_cannot_be_trusted_breaks_the_stream_for_good(string text)
    {
        using var framer = new SipStreamFramer();
        framer.Append(Encoding.ASCII.GetBytes(text));

        var frame = framer.Next();
        Assert.Equal(SipFrameKind.Broken, frame.Kind);
        Assert.Equal(text, Encoding.ASCII.GetString(frame.Bytes));

        framer.Append(Encoding.ASCII.GetBytes(One));
        Assert.Equal(SipFrameKind.Broken, framer.Next().Kind);
    }

    [Fact]
    public void A_head_without_end_is_cut_off_at_the_limit()
    {
        using var framer = new SipStreamFramer();
        framer.Append(new byte[SipLimits.MaxHeaderBytes].Select(_ => (byte)'a').ToArray());
        Assert.Equal(SipFrameKind.None, framer.Next().Kind);

        framer.Append("a"u8);
        var frame = framer.Next();
        Assert.Equal(SipFrameKind.Broken, frame.Kind);
        Assert.Equal(SipParseError.TooLarge, frame.Error);
    }

    private static List<string> Messages(SipStreamFramer framer, string text, int step)
    {
        var found = new List<string>();
        var bytes = Encoding.ASCII.GetBytes(text);
        for (var at = 0; at < bytes.Length; at += step)
        {
            framer.Append(bytes.AsSpan(at, Math.Min(step, bytes.Length - at)));
            for (var frame = framer.Next(); frame.Kind != SipFrameKind.None; frame = framer.Next())
            {
                Assert.NotEqual(SipFrameKind.Broken, frame.Kind);
                if (frame.Kind == SipFrameKind.Message)
                {
                    found.Add(Encoding.ASCII.GetString(frame.Bytes));
                }
            }
        }

        return found;
    }
}
