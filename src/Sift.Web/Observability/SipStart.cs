using System.Globalization;

namespace Sift.Web.Observability;

/// <summary>What ties the messages of a transaction together, read from their text.</summary>
/// <param name="Method">Of a request, or of the request that an answer is to.</param>
/// <param name="Status">Null for a request.</param>
/// <param name="Sequence">The CSeq header as it stands.</param>
internal sealed record SipStart(string Method, int? Status, string Sequence)
{
    /// <summary>Null when the text is no SIP message with a CSeq.</summary>
    public static SipStart? Of(string message)
    {
        foreach (var line in message.AsSpan().EnumerateLines())
        {
            if (line.StartsWith("CSeq", StringComparison.OrdinalIgnoreCase) && line.IndexOf(':') is > 0 and var colon)
            {
                var sequence = string.Join(' ', line[(colon + 1)..].ToString().Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
                var method = sequence[(sequence.IndexOf(' ', StringComparison.Ordinal) + 1)..];
                return message.StartsWith("SIP/2.0 ", StringComparison.Ordinal)
                    ? int.TryParse(message.AsSpan(8, Math.Min(3, message.Length - 8)), NumberStyles.None, CultureInfo.InvariantCulture, out var status) ? new SipStart(method, status, sequence) : null
                    : new SipStart(method, null, sequence);
            }

            if (line.IsEmpty)
            {
                break;
            }
        }

        return null;
    }
}
