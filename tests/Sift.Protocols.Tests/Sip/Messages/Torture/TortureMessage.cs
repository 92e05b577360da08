using Sift.Protocols.Sip.Messages;

namespace Sift.Protocols.Tests.Sip.Messages.Torture;

/// <summary>One message of RFC 4475, by the name that the RFC gives it.</summary>
internal static class TortureMessage
{
    public static string Folder => Path.Combine(AppContext.BaseDirectory, "Sip", "Messages", "Torture");

    public static byte[] Bytes(string name) => File.ReadAllBytes(Path.Combine(Folder, name + ".dat"));

    public static (SipMessage? Message, SipParseError Error) Parse(string name)
    {
        SipParser.TryParse(Bytes(name), out var message, out var error);
        return (message, error);
    }

    public static SipRequest Request(string name) => Assert.IsType<SipRequest>(Sound(name));

    public static SipResponse Response(string name) => Assert.IsType<SipResponse>(Sound(name));

    private static SipMessage Sound(string name)
    {
        var (message, error) = Parse(name);
        Assert.Equal(SipParseError.None, error);
        return message!;
    }
}
