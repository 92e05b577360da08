using System.Net;
using Sift.Media.Sip.Transports;
using Sift.Protocols.Sip.Messages;
using Sift.Protocols.Sip.Transactions;

namespace Sift.Media.Sip.Sandbox;

/// <summary>Between the location table, whose clock begins with the process, and what is kept beyond it.</summary>
internal sealed class KeptRegistrations(LocationTable locations, IRegistrationStore store, ISipDriver driver)
{
    public void Listen() => locations.Changed += Keep;

    /// <summary>Takes up what the last process knew. On the reactor, before the first REGISTER.</summary>
    public void TakeUp(IEnumerable<StoredRegistration> kept)
    {
        foreach (var one in kept)
        {
            var left = one.ExpiresAt - driver.WallClock;
            if (left > TimeSpan.Zero
                && SipUri.TryParse(one.Contact, out var contact)
                && IPEndPoint.TryParse(one.Remote, out var remote)
                && driver.Transports.TryFlowTo(SipTransport.Udp, remote, null, out var flow))
            {
                locations.Restore(one.Number, new ContactBinding(contact, flow, one.CallId, one.Sequence, one.Preference, driver.Now + left, one.UserAgent));
            }
        }
    }

    private void Keep(string number, IReadOnlyList<ContactBinding> bindings) => store.Keep(
        number,
        [.. bindings.Where(static binding => binding.Flow.Transport == SipTransport.Udp).Select(binding => new StoredRegistration(
            number,
            binding.Contact.ToString(),
            binding.Flow.Remote.ToString(),
            binding.CallId,
            binding.Sequence,
            binding.Preference,
            driver.WallClock + (binding.ExpiresAt - driver.Now),
            binding.UserAgent))]);
}
