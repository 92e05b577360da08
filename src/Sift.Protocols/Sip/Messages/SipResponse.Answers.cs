namespace Sift.Protocols.Sip.Messages;

public sealed partial class SipResponse
{
    /// <summary>Via, From, To, Call-ID, CSeq and Server.</summary>
    private const int LeastFields = 6;

    /// <summary>What one that makes a dialog has with everything that the user agent adds.</summary>
    private const int DialogFields = 11;

    /// <summary>
    /// The response to a request as RFC 3261 8.2.6.2 builds it: Via, From, To, Call-ID and CSeq copied in order, a To tag added
    /// when given and absent, Record-Route copied into what can create a dialog (12.1.1), Timestamp into a 100 (8.2.6.1).
    /// </summary>
    /// <param name="toTag">Required by 8.2.6.2 in everything but a 100; ignored when the request's To has a tag.</param>
    public static SipResponse For(SipRequest request, int statusCode, string? toTag = null, string? reasonPhrase = null)
    {
        var response = new SipResponse(statusCode, reasonPhrase ?? SipReasonPhrases.For(statusCode));
        var createsDialog = statusCode is > 100 and < 300 && request.Method is ("INVITE" or "SUBSCRIBE" or "REFER" or "NOTIFY");
        response.Headers.Expect(createsDialog ? DialogFields : LeastFields);
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
        if (tag is null || statusCode == 100 || AddressTag.IsIn(to))
        {
            return to;
        }

        // Kept as it came where the brackets make that safe.
        return AddressTag.With(to, tag) ?? request.To?.WithTag(tag).ToString() ?? to;
    }
}
