using Sift.Protocols.Sip.Messages;

namespace Sift.Protocols.Fuzz.Targets;

/// <summary>A whole message: parse, read every typed field, answer it, write it, and read back what was written.</summary>
internal sealed class SipMessageTarget : IFuzzTarget
{
    public string Name => "sip-message";

    public IReadOnlyList<byte[]> Dictionary { get; } = Words;

    internal static IReadOnlyList<byte[]> Words { get; } =
    [
        .. new[]
        {
            "\r\n", "\r\n ", "\r\n\r\n", "\0", "\\", "\"", "<", ">", ",", ";", ";;", "%00", "%", "@", "[", "]", "[::1]", "SIP/2.0", "sip:", "sips:", "tel:",
            "\r\nVia: SIP/2.0/UDP h", "\r\nv: ", "\r\nContact: *", "\r\nContent-Length: 0", "\r\nl: 5", "\r\nRoute: <sip:a;lr>", "\r\nCSeq: 1 ACK", "\r\n--7a9cbec02ceef655\r\n",
            ";tag=", ";branch=z9hG4bK", ";rport", "=\"a,b\"", "é", "\uFEFF", "4294967296",
        }.Select(w => System.Text.Encoding.UTF8.GetBytes(w)),
    ];

    public void Run(ReadOnlySpan<byte> input)
    {
        var parsed = SipParser.TryParse(input, out var message, out var error);
        if (parsed != (error == SipParseError.None))
        {
            throw new InvalidOperationException($"Result {parsed} with error {error}.");
        }

        if (message is null)
        {
            return;
        }

        Touch(message);
        if (message is SipRequest request)
        {
            // A To that came with as many parameters as are allowed has one more with our tag: the answer may then be too much for our own parser.
            var answerable = parsed && (request.To is not { } to || to.Parameters.Count < SipLimits.MaxParameters);
            Check(SipWriter.ToArray(SipResponse.For(request, parsed ? 200 : SipParser.StatusFor(error), "tag")), answerable);
        }

        if (parsed)
        {
            Check(SipWriter.ToArray(message), mustParse: true);
        }
    }

    private static void Check(byte[] written, bool mustParse)
    {
        if (!SipParser.TryParse(written, out var again, out var error))
        {
            // What grows past a limit by being written in long form is the one way in which a sound message may be refused.
            if (mustParse && error != SipParseError.TooLarge)
            {
                throw new InvalidOperationException($"What was written does not parse: {error}.");
            }

            return;
        }

        if (!SipWriter.ToArray(again).AsSpan().SequenceEqual(written))
        {
            throw new InvalidOperationException("Written, read and written again, the message changed.");
        }
    }

    private static void Touch(SipMessage message)
    {
        _ = (message.From?.ToString(), message.To?.ToString(), message.CallId, message.CSeq, message.MaxForwards, message.Expires);
        _ = (message.MinExpires, message.Contact?.ToString(), message.Require, message.Supported, message.Allow, message.Unsupported);
        _ = (message.RSeq, message.RAck, message.SessionExpires, message.MinSessionExpires, message.RetryAfter, message.Event);
        _ = (message.ReferTo, message.ReferredBy, message.Replaces, message.ContentType, message.AssertedIdentities, message.Reasons);
        foreach (var part in MultipartBody.Parts(message))
        {
            _ = part.Content.ToArray();
        }

        foreach (var via in message.Vias)
        {
            _ = (via.ToString(), via.Rport, via.Received, via.HasUniqueBranch);
        }

        foreach (var route in message.Routes.Concat(message.RecordRoutes))
        {
            if (!NameAddress.TryParse(route.ToString(), out var again) || again.ToString() != route.ToString())
            {
                throw new InvalidOperationException($"A route changed by being written: {route}");
            }
        }
    }
}
