using System.Text;
using Sift.Protocols.Sip.Messages;

namespace Sift.Protocols.Fuzz.Targets;

/// <summary>URIs: parse, write, read back to an equivalent one.</summary>
internal sealed class SipUriTarget : IFuzzTarget
{
    public string Name => "sip-uri";

    public IReadOnlyList<byte[]> Dictionary { get; } =
        [.. new[] { "%", "%0", "%ff", "%00", "@", ":", ";", "=", "?", "&", "[::1]", "sip:", "tel:", " ", "\r\n", ";lr", ";transport=tcp" }.Select(Encoding.ASCII.GetBytes)];

    public void Run(ReadOnlySpan<byte> input)
    {
        var text = Encoding.UTF8.GetString(input);
        if (!SipUri.TryParse(text, out var uri))
        {
            return;
        }

        var written = uri.ToString();
        if (!SipUri.TryParse(written, out var again) || again.ToString() != written)
        {
            throw new InvalidOperationException($"'{text}' was written as '{written}'.");
        }

        // With a parameter given twice no comparison is defined.
        if (uri.Parameters.Count <= 1 && !again.IsEquivalentTo(uri))
        {
            throw new InvalidOperationException($"'{written}' is not equivalent to itself.");
        }
    }
}
