using System.Net;
using Sift.Media.Legs;
using Sift.Media.Sip.Sandbox;
using Sift.Media.Sip.Transports;
using Sift.Media.Sip.Trunks;
using Sift.Protocols.Sip.Messages;
using Sift.Protocols.Sip.Transactions;

namespace Sift.Media.Sip.Calls.Outbound;

/// <summary>Finds the way to a destination: the phones that registered as it, else the carriers that serve it.</summary>
internal sealed class DialPlanner(ISipDriver driver, TrunkTable trunks, LocationTable? locations)
{
    private const string Anonymous = "\"Anonymous\" <sip:anonymous@anonymous.invalid>";

    public (DialPlan? Plan, DialRefusal? Refusal) Plan(DialLeg dial)
    {
        if (driver.Options.BenchEnabled && dial.Destination.StartsWith("sip:", StringComparison.Ordinal))
        {
            return PlanBench(dial);
        }

        if (!DialledNumber.TryNormalise(dial.Destination, out var number))
        {
            return Refuse(LegEndCause.NotFound, 484, $"'{dial.Destination}' is no E.164 number");
        }

        if (locations?.Find(number, driver.Now) is { Count: > 0 } contacts)
        {
            return (new DialPlan([[.. contacts.Select(contact => ToPhone(dial, number, contact))]]), null);
        }

        var rounds = new List<IReadOnlyList<DialTarget>>();
        foreach (var trunk in trunks.For(number))
        {
            foreach (var flow in trunk.Flows())
            {
                rounds.Add([ToTrunk(dial, number, trunk, flow)]);
            }
        }

        if (rounds.Count > 0)
        {
            return (new DialPlan(rounds), null);
        }

        return trunks.All.Count == 0 && locations is not null
            ? Refuse(LegEndCause.NoAnswer, 480, $"no phone is registered as {number}")
            : Refuse(LegEndCause.Unreachable, null, $"no trunk serves {number}");
    }

    private DialTarget ToPhone(DialLeg dial, string number, ContactBinding contact)
    {
        var local = driver.Transports.SentBy(contact.Flow);
        return new DialTarget(
            contact.Contact,
            contact.Flow,
            dial.CallerId is { } caller ? $"<sip:{SipUri.EscapeUser(caller)}@{local}>" : Anonymous,
            $"<sip:{number}@{local}>",
            [],
            null,
            null);
    }

    private DialTarget ToTrunk(DialLeg dial, string number, Trunk trunk, in SipFlow flow)
    {
        var local = driver.Transports.SentBy(flow);
        var written = trunk.Write(number);
        var uri = new SipUri { Scheme = "sip", User = written, Host = trunk.Options.Host, Port = trunk.Options.Port > 0 ? trunk.Options.Port : null };
        var headers = new List<KeyValuePair<string, string>>();
        var caller = dial.CallerId ?? NullIfEmpty(trunk.Options.DefaultCallerId);
        if (caller is null)
        {
            headers.Add(new("Privacy", "id"));
        }

        if (trunk.Options.AssertIdentity && (caller ?? NullIfEmpty(trunk.Options.DefaultCallerId)) is { } asserted)
        {
            headers.Add(new("P-Asserted-Identity", $"<sip:{SipUri.EscapeUser(Written(trunk, asserted))}@{local}>"));
        }

        return new DialTarget(
            uri,
            flow,
            caller is null ? Anonymous : $"<sip:{SipUri.EscapeUser(Written(trunk, caller))}@{local}>",
            $"<sip:{written}@{trunk.UriHost}>",
            headers,
            trunk.Credentials,
            trunk);
    }

    /// <summary>The load generator's answering side (issue contract of bench mode): a literal loopback address.</summary>
    private (DialPlan? Plan, DialRefusal? Refusal) PlanBench(DialLeg dial)
    {
        if (!SipUri.TryParse(dial.Destination, out var uri)
            || !IPAddress.TryParse(uri.Host, out var address)
            || !IPAddress.IsLoopback(address)
            || !driver.Transports.TryFlowTo(
                SipTransport.Udp,
                new IPEndPoint(address, uri.Port ?? SipTransportNames.DefaultPort(SipTransport.Udp)),
                null,
                out var flow))
        {
            return Refuse(LegEndCause.NotFound, 404, "bench mode calls loopback addresses only");
        }

        var local = driver.Transports.SentBy(flow);
        return (new DialPlan([[new DialTarget(uri, flow, $"<sip:bench@{local}>", $"<{uri}>", [], null, null)]]), null);
    }

    private static (DialPlan? Plan, DialRefusal? Refusal) Refuse(LegEndCause cause, int? status, string detail) =>
        (null, new DialRefusal(cause, status, detail));

    private static string Written(Trunk trunk, string caller) => caller.StartsWith('+') ? trunk.Write(caller) : caller;

    private static string? NullIfEmpty(string text) => text.Length == 0 ? null : text;
}
