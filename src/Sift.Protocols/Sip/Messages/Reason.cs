using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;

namespace Sift.Protocols.Sip.Messages;

/// <summary>One Reason value (RFC 3326): why a request was sent, with a SIP status or a Q.850 cause.</summary>
/// <param name="Protocol">"SIP", "Q.850" or another token.</param>
public sealed record Reason(string Protocol, int? Cause, string? Text)
{
    public static bool TryParse(ReadOnlySpan<char> text, [NotNullWhen(true)] out Reason? reason)
    {
        reason = null;
        var scanner = new SipScanner(text);
        if (!scanner.TakeToken(out var protocol) || !scanner.TakeParameters(out var parameters))
        {
            return false;
        }

        int? cause = SipText.TryNumber(parameters.Get("cause"), out var number) && number <= int.MaxValue ? (int)number : null;
        reason = new Reason(new string(protocol), cause, parameters.Get("text"));
        return true;
    }

    /// <summary>All values of the Reason fields; one that cannot be read is left out.</summary>
    internal static IReadOnlyList<Reason> Of(SipHeaders headers)
    {
        List<Reason>? list = null;
        foreach (var (name, value) in headers)
        {
            if (name != "Reason")
            {
                continue;
            }

            foreach (var item in new SipListSplitter(value))
            {
                if (TryParse(item, out var reason) && (list is null || list.Count < SipLimits.MaxListValues))
                {
                    (list ??= new(1)).Add(reason);
                }
            }
        }

        return list ?? (IReadOnlyList<Reason>)[];
    }

    public override string ToString()
    {
        var output = new StringBuilder(Protocol);
        if (Cause is { } cause)
        {
            output.Append(";cause=").Append(cause.ToString(CultureInfo.InvariantCulture));
        }

        if (Text is not null)
        {
            output.Append(";text=");
            SipText.AppendQuoted(output, Text);
        }

        return output.ToString();
    }
}
