using System.Globalization;
using Sift.Protocols.Sip.Messages;
using Sift.Protocols.Sip.Transactions;

namespace Sift.Media.Sip.Sandbox;

/// <summary>The registrar of the sandbox (RFC 3261 10.3): any E.164 number may register with the sandbox password.</summary>
internal sealed class SandboxRegistrar(SandboxOptions options, SandboxAccess access, LocationTable locations)
{
    private static readonly TimeSpan DefaultExpires = TimeSpan.FromHours(1);

    /// <summary>Fills in the response to a REGISTER.</summary>
    /// <param name="respond">Makes a response to the request with that status.</param>
    public SipResponse Handle(SipRequest request, in SipFlow flow, TimeSpan now, Func<int, SipResponse> respond)
    {
        if (!DialledNumber.TryNormalise(request.To?.Uri.User, out var number))
        {
            return respond(404);
        }

        switch (access.Check(request, number, now))
        {
            case SandboxVerdict.Challenge:
                return WithHeaders(respond(401), access.Challenge(request, stale: false));
            case SandboxVerdict.Stale:
                return WithHeaders(respond(401), access.Challenge(request, stale: true));
            case SandboxVerdict.Wrong:
                return respond(403);
            case SandboxVerdict.Granted:
                break;
        }

        if (request.CallId is not { } callId || request.CSeq is not { } sequence)
        {
            return respond(400);
        }

        var outcome = RegisterOutcome.Done;
        if (request.Headers.Contains("Contact"))
        {
            if (request.Contacts is not { } contacts)
            {
                return respond(400);
            }

            if (contacts.IsWildcard)
            {
                // RFC 3261 10.3 step 6: the star stands alone and means removal.
                if (request.Expires is not 0)
                {
                    return respond(400);
                }

                outcome = locations.Clear(number, callId, sequence.Number);
            }
            else
            {
                var changes = new List<ContactBinding>(contacts.Addresses.Count);
                foreach (var contact in contacts.Addresses)
                {
                    if (!contact.Uri.IsSip || contact.Uri.Host.Length == 0)
                    {
                        return respond(400);
                    }

                    var expires = ExpiresOf(request, contact);
                    if (expires > TimeSpan.Zero && expires < options.MinExpires)
                    {
                        var brief = respond(423);
                        brief.Headers.Set("Min-Expires", Seconds(options.MinExpires));
                        return brief;
                    }

                    changes.Add(new ContactBinding(
                        contact.Uri,
                        flow,
                        callId,
                        sequence.Number,
                        PreferenceOf(contact),
                        now + (expires > options.MaxExpires ? options.MaxExpires : expires),
                        request.Headers.Get("User-Agent")));
                }

                outcome = locations.Apply(number, changes, now);
            }
        }

        return outcome switch
        {
            RegisterOutcome.Done => Confirm(number, now, respond(200)),
            // RFC 3261 10.3 step 7 aborts the update without naming a status; 12.2.2 answers the same mistake in a dialog with 500.
            RegisterOutcome.OutOfOrder => respond(500),
            RegisterOutcome.TooManyContacts => respond(403),
        };
    }

    private SipResponse Confirm(string number, TimeSpan now, SipResponse response)
    {
        foreach (var binding in locations.Find(number, now))
        {
            var left = Math.Max(1, (long)Math.Ceiling((binding.ExpiresAt - now).TotalSeconds));
            response.Headers.Add("Contact", string.Create(CultureInfo.InvariantCulture, $"<{binding.Contact}>;expires={left}"));
        }

        return response;
    }

    private static TimeSpan ExpiresOf(SipRequest request, NameAddress contact)
    {
        // RFC 3261 10.2.1.1: the contact's own parameter, else the header, else the registrar's choice; a value that is no number is 3600.
        if (contact.Parameters.Get("expires") is { } own)
        {
            return uint.TryParse(own, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) ? TimeSpan.FromSeconds(seconds) : DefaultExpires;
        }

        return request.Expires is { } common ? TimeSpan.FromSeconds(common) : DefaultExpires;
    }

    private static double PreferenceOf(NameAddress contact) =>
        double.TryParse(contact.Parameters.Get("q"), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var q) && q is >= 0 and <= 1 ? q : 1;

    private static string Seconds(TimeSpan time) => ((long)time.TotalSeconds).ToString(CultureInfo.InvariantCulture);

    private static SipResponse WithHeaders(SipResponse response, IReadOnlyList<KeyValuePair<string, string>> headers)
    {
        foreach (var (name, value) in headers)
        {
            response.Headers.Add(name, value);
        }

        return response;
    }
}
