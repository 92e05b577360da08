using Sift.Protocols.Sip.Messages;
using Sift.Protocols.Sip.Transactions;

namespace Sift.Protocols.Sip.UserAgent;

/// <summary>RFC 3261 8.2.1 to 8.2.3: what is refused before anyone looks at what a request is about.</summary>
internal static class RequestAdmission
{
    private const string SessionBodies = "application/sdp, multipart/mixed, multipart/alternative, multipart/related";
    private const string InfoBodies = "application/dtmf-relay, application/dtmf";

    /// <summary>Enough for the sender to see what is wrong. A header of thousands of tags must not become work or an answer of that size.</summary>
    private const int MostUnsupported = 16;

    /// <summary>A refusal with its response, or null to let the request in.</summary>
    public static Refused? Check(AgentContext context, SipRequest request, bool inDialog)
    {
        if (!IsOurs(context, request.Method))
        {
            return IsRegistered(request.Method)
                ? Refuse(context, request, SipRefusal.MethodNotAllowed, 405, "Allow", Allowed(context))
                : Refuse(context, request, SipRefusal.MethodUnknown, 501, "Allow", Allowed(context));
        }

        if (!inDialog && !request.RequestUri.IsSip && request.RequestUri.Scheme != "tel")
        {
            return Refuse(context, request, SipRefusal.UriScheme, 416, null, null);
        }

        if (Unsupported(context, request) is { } extensions)
        {
            return Refuse(context, request, SipRefusal.BadExtension, 420, "Unsupported", extensions);
        }

        return request.Method switch
        {
            "INVITE" or "UPDATE" or "PRACK" => CheckSession(context, request, inDialog),
            "INFO" when request.Headers.Contains("Info-Package") => Refuse(context, request, SipRefusal.MediaType, 469, "Recv-Info", ""),
            "INFO" when !request.Body.IsEmpty && request.ContentType is not { } type => Refuse(context, request, SipRefusal.MediaType, 415, "Accept", InfoBodies),
            "INFO" when request.ContentType is { } type && !type.Is("application/dtmf-relay") && !type.Is("application/dtmf") =>
                Refuse(context, request, SipRefusal.MediaType, 415, "Accept", InfoBodies),
            _ => null,
        };
    }

    public static string Allowed(AgentContext context) =>
        context.Options.HostMethods.Contains("REGISTER") ? AgentContext.AllowedMethods + ", REGISTER" : AgentContext.AllowedMethods;

    private static Refused? CheckSession(AgentContext context, SipRequest request, bool inDialog)
    {
        if (request.Method == "INVITE" && !inDialog && request.MaxForwards == 0)
        {
            // RFC 3261 16.3: a call that comes in is usually placed on from here, which makes this a hop.
            return Refuse(context, request, SipRefusal.TooManyHops, 483, null, null);
        }

        if (!request.Body.IsEmpty && (request.ContentType is not { } type || !(type.Is(AgentContext.Sdp) || type.Name.StartsWith("multipart/", StringComparison.OrdinalIgnoreCase))))
        {
            return Refuse(context, request, SipRefusal.MediaType, 415, "Accept", SessionBodies);
        }

        if (request.Headers.Get("Content-Encoding") is { } encoding && !encoding.Equals("identity", StringComparison.OrdinalIgnoreCase))
        {
            return Refuse(context, request, SipRefusal.MediaType, 415, "Accept-Encoding", "identity");
        }

        // RFC 3261 20.1: an INVITE without Accept takes application/sdp.
        if (request.Method == "INVITE" && request.Headers.Contains("Accept") && !AcceptsSdp(request))
        {
            return Refuse(context, request, SipRefusal.NotAcceptable, 406, null, null);
        }

        if (request.SessionExpires is { } session && request.Supports("timer") && TimeSpan.FromSeconds(session.Seconds) < context.Options.MinimumSessionExpires)
        {
            var least = (long)Math.Ceiling(context.Options.MinimumSessionExpires.TotalSeconds);
            return Refuse(context, request, SipRefusal.SessionIntervalTooSmall, 422, "Min-SE", $"{least}");
        }

        return null;
    }

    private static bool AcceptsSdp(SipRequest request)
    {
        foreach (var field in request.Headers)
        {
            if (field.Key != "Accept")
            {
                continue;
            }

            foreach (var value in new SipListSplitter(field.Value))
            {
                var semicolon = value.IndexOf(';');
                var name = (semicolon < 0 ? value : value[..semicolon]).Trim();
                if (name.Equals(AgentContext.Sdp, StringComparison.OrdinalIgnoreCase) || name.SequenceEqual("*/*")
                    || name.Equals("application/*", StringComparison.OrdinalIgnoreCase) || name.StartsWith("multipart/", StringComparison.OrdinalIgnoreCase))
                {
                    return true;
                }
            }
        }

        return false;
    }

    private static string? Unsupported(AgentContext context, SipRequest request)
    {
        List<string>? unsupported = null;
        foreach (var field in request.Headers)
        {
            if (field.Key != "Require")
            {
                continue;
            }

            foreach (var tag in new SipListSplitter(field.Value))
            {
                var known = tag.Equals("timer", StringComparison.OrdinalIgnoreCase)
                    || (tag.Equals("100rel", StringComparison.OrdinalIgnoreCase) && context.Options.ReliableProvisionals != SipReliability.Never);
                if (known || tag.IsEmpty)
                {
                    continue;
                }

                (unsupported ??= []).Add(new string(tag));
                if (unsupported.Count == MostUnsupported)
                {
                    return string.Join(", ", unsupported);
                }
            }
        }

        return unsupported is null ? null : string.Join(", ", unsupported);
    }

    private static bool IsOurs(AgentContext context, string method) =>
        method is "INVITE" or "BYE" or "PRACK" or "UPDATE" or "INFO" or "OPTIONS" || context.Options.HostMethods.Contains(method);

    private static bool IsRegistered(string method) => method is "REGISTER" or "REFER" or "NOTIFY" or "SUBSCRIBE" or "MESSAGE" or "PUBLISH" or "OPTIONS";

    private static Refused Refuse(AgentContext context, SipRequest request, SipRefusal refusal, int status, string? field, string? value)
    {
        var response = context.Respond(request, status);
        if (field is not null)
        {
            response.Headers.AddParsed(field, value!);
        }

        return new(refusal, response);
    }

    internal readonly record struct Refused(SipRefusal Refusal, SipResponse Response);
}
