namespace Sift.Protocols.Sip.Messages;

public sealed partial class SipResponse
{
    /// <summary>
    /// The response to a request as RFC 3261 8.2.6.2 builds it: Via, From, To, Call-ID and CSeq copied in order, a To tag added
    /// when given and absent, Record-Route copied into what can create a dialog (12.1.1), Timestamp into a 100 (8.2.6.1).
    /// </summary>
    /// <param name="toTag">Required by 8.2.6.2 in everything but a 100; ignored when the request's To has a tag.</param>
    public static SipResponse For(SipRequest request, int statusCode, string? toTag = null, string? reasonPhrase = null)
    {
        var response = new SipResponse(statusCode, reasonPhrase ?? SipReasonPhrases.For(statusCode));
        var createsDialog = statusCode is > 100 and < 300 && request.Method is ("INVITE" or "SUBSCRIBE" or "REFER" or "NOTIFY");
        foreach (var (name, value) in request.Headers)
        {
            switch (name)
            {
                case "Via" or "From" or "Call-ID" or "CSeq":
                case "Record-Route" when createsDialog:
                case "Timestamp" when statusCode == 100:
                    response.Headers.AddParsed(name, value);
                    break;
                case "To":
                    response.Headers.AddParsed(name, WithTag(request, value, statusCode, toTag));
                    break;
                default:
                    break;
            }
        }

        return response;
    }

    private static string WithTag(SipRequest request, string to, int statusCode, string? tag)
    {
        if (tag is null || statusCode == 100 || request.To is not { Tag: null } address)
        {
            return to;
        }

        // Kept as it came where the brackets make that safe.
        return to.EndsWith('>') && SipText.IsToken(tag) ? to + ";tag=" + tag : address.WithTag(tag).ToString();
    }
}
