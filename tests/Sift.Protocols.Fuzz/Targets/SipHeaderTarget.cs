using System.Text;
using Sift.Protocols.Sip.Authentication;
using Sift.Protocols.Sip.Messages;

namespace Sift.Protocols.Fuzz.Targets;

/// <summary>Every typed header value, each parser on the same text: what is read and written again must stay the same.</summary>
internal sealed class SipHeaderTarget : IFuzzTarget
{
    public string Name => "sip-header";

    public IReadOnlyList<byte[]> Dictionary => SipMessageTarget.Words;

    public void Run(ReadOnlySpan<byte> input)
    {
        var text = Encoding.UTF8.GetString(input);
        if (!SipText.IsFieldSafe(text))
        {
            // The field reader lets none of these through.
            return;
        }

        if (NameAddress.TryParse(text, out var address) != NameAddress.IsSound(text) || Via.TryParse(text, out var via) != Via.IsSound(text))
        {
            throw new InvalidOperationException("Judged otherwise than parsed.");
        }

        Stays(address?.ToString(), static again => NameAddress.TryParse(again, out var value) ? value.ToString() : null);
        Stays(via?.ToString(), static again => Via.TryParse(again, out var value) ? value.ToString() : null);
        Stays(CSeq.TryParse(text, out var sequence) ? sequence.ToString() : null, static again => CSeq.TryParse(again, out var value) ? value.ToString() : null);
        Stays(RAck.TryParse(text, out var rack) ? rack.ToString() : null, static again => RAck.TryParse(again, out var value) ? value.ToString() : null);
        Stays(SessionExpires.TryParse(text, out var session) ? session.ToString() : null, static again => SessionExpires.TryParse(again, out var value) ? value.ToString() : null);
        Stays(RetryAfter.TryParse(text, out var retry) ? retry.ToString() : null, static again => RetryAfter.TryParse(again, out var value) ? value.ToString() : null);
        Stays(MediaType.TryParse(text, out var type) ? type.ToString() : null, static again => MediaType.TryParse(again, out var value) ? value.ToString() : null);
        Stays(Reason.TryParse(text, out var reason) ? reason.ToString() : null, static again => Reason.TryParse(again, out var value) ? value.ToString() : null);
        Bounded(ViaList.TryParse(text, out var vias) ? vias.Count : 0);
        Bounded(NameAddressList.TryParse(text, out var addresses) ? addresses.Count : 0);
        Bounded(ContactList.TryParse(text, out var contacts) ? contacts.Addresses.Count : 0);
        _ = Replaces.TryParse(text, out var replaces) ? replaces.ToString() : null;
        _ = EventPackage.TryParse(text, out var package) ? package.ToString() : null;
        _ = DeltaSeconds.TryParse(text, out _, out _);
        _ = DigestParameters.TryParse(text, out _);
        _ = DigestAlgorithms.TryParse(text, out _);
    }

    private static void Stays(string? written, Func<string, string?> again)
    {
        if (written is not null && again(written) != written)
        {
            throw new InvalidOperationException($"Written, read and written again, the value changed: {written}");
        }
    }

    private static void Bounded(int count)
    {
        if (count > SipLimits.MaxListValues)
        {
            throw new InvalidOperationException($"{count} values of one list.");
        }
    }
}
