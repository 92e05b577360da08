using System.Net;
using System.Net.Sockets;
using Sift.Media.Sip;
using Sift.Media.Sip.Tracing;
using Sift.Media.Sip.Trunks;
using Sift.Web.Hosting;

namespace Sift.Web.ConsolePages.Trunks;

internal enum Verdict { Good, Warning, Bad, Unknown }

/// <param name="Advice">What to do about it; null when nothing.</param>
internal sealed record Finding(string Question, Verdict Verdict, string Answer, string? Advice);

internal sealed record TrunkReport(TrunkOptions Trunk, TrunkState? State, IReadOnlyList<Finding> Findings, IReadOnlyList<RefusedCall> Refused);

/// <summary>Finds out why a trunk does not work, from the name to the last refused call, and says it in words.</summary>
internal sealed class TrunkDoctor(IConfiguration settings, Telephony telephony, CallTraces traces, TimeProvider time)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    public IReadOnlyList<TrunkOptions> Trunks => settings.GetSection("Sift:Trunks").Get<List<TrunkOptions>>() ?? [];

    /// <summary>Null when there is no trunk of that name.</summary>
    public async ValueTask<TrunkReport?> ExamineAsync(string name, CancellationToken cancellationToken)
    {
        if (Trunks.FirstOrDefault(trunk => trunk.Name == name) is not { } trunk)
        {
            return null;
        }

        var state = telephony.Trunks.FirstOrDefault(known => known.Name == name);
        var (addresses, names) = await ResolveAsync(trunk, cancellationToken);
        var findings = new List<Finding> { names };
        if (addresses.Length > 0)
        {
            findings.Add(await ReachAsync(trunk, addresses[0], cancellationToken));
        }

        findings.Add(KeepAlive(trunk, state));
        findings.Add(Registration(trunk, state));
        var sources = addresses.Select(address => address.ToString()).Concat(trunk.SourceAddresses).ToHashSet(StringComparer.Ordinal);
        bool IsItsOwn(TracedMessage message) => telephony.RuleFor(message.Remote.Address) is { } owner ? owner.Trunk == trunk.Name : sources.Contains(message.Remote.Address.ToString());
        IReadOnlyList<RefusedCall> refused = [.. traces.Refused.Where(call => call.Messages is [var first, ..] && IsItsOwn(first)).Take(5)];
        var last = traces.Received.FirstOrDefault(call => call.Messages is [var first, ..] && IsItsOwn(first));
        findings.Add(LastCall(last));
        findings.Add(CodecFindings.Incoming(last));
        findings.Add(CodecFindings.Outgoing(traces.Placed.FirstOrDefault(call => call.Messages is [var first, ..] && IsItsOwn(first))));
        return new TrunkReport(trunk, state, findings, refused);
    }

    /// <summary>Which rule decided about the last INVITE from the carrier, and how.</summary>
    private Finding LastCall(ReceivedCall? last)
    {
        const string Question = "Last call in";
        if (last is null)
        {
            return new Finding(Question, Verdict.Unknown, "No INVITE came from its addresses since the start.", "If the carrier says that it sends calls, they come from other addresses: look under “Refused since the start” for “unknown source”.");
        }

        var invite = last.Messages[0];
        var rule = telephony.RuleFor(invite.Remote.Address) is { } matched
            ? $"taken as this trunk’s by the rule “{matched.Rule}”"
            : "taken by no address rule: its source is neither listed nor the address of a host";
        var came = $"{Show.Time(invite.At)} from {invite.Remote}: {rule}";
        return (last.Status, telephony.RuleFor(invite.Remote.Address)) switch
        {
            (null, not null) => new Finding(Question, Verdict.Good, $"{came}.", null),
            (null, null) => new Finding(Question, Verdict.Good, $"{came}. It proved itself with its user name and password.", null),
            (404, _) => new Finding(Question, Verdict.Warning, $"{came}, and refused with 404: {last.Reason}.", "Register the number that was called to an account, and check in which header the carrier puts it (request line or To)."),
            (401 or 403, null) => new Finding(Question, Verdict.Bad, $"{came}, and refused with {last.Status}: {last.Reason}.", $"Add {invite.Remote.Address} to SourceAddresses of this trunk, if the address is really the carrier’s."),
            var (status, _) => new Finding(Question, Verdict.Warning, $"{came}, and refused with {status}: {last.Reason}.", "See the messages below."),
        };
    }

    private static int PortOf(TrunkOptions trunk) => trunk.Port != 0 ? trunk.Port : trunk.Transport == "tls" ? 5061 : 5060;

    private async ValueTask<(IPAddress[] Addresses, Finding Finding)> ResolveAsync(TrunkOptions trunk, CancellationToken cancellationToken)
    {
        const string Question = "Name";
        if (IPAddress.TryParse(trunk.Host, out var literal))
        {
            return ([literal], new Finding(Question, Verdict.Good, $"{trunk.Host} is an address; no look-up is needed.", null));
        }

        using var limit = new CancellationTokenSource(Patience, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            var addresses = await Dns.GetHostAddressesAsync(trunk.Host, both.Token);
            return addresses.Length > 0
                ? (addresses, new Finding(Question, Verdict.Good, $"{trunk.Host} is {string.Join(", ", addresses.Select(address => address.ToString()))}.", null))
                : ([], new Finding(Question, Verdict.Bad, $"{trunk.Host} has no address.", "Ask the carrier for the right host name."));
        }
        catch (SocketException problem)
        {
            return ([], new Finding(Question, Verdict.Bad, $"{trunk.Host} does not resolve: {problem.Message}.", "Check the host name and the name servers of this machine."));
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested)
        {
            return ([], new Finding(Question, Verdict.Bad, "The name servers do not answer.", "Check the name servers of this machine."));
        }
    }

    private async ValueTask<Finding> ReachAsync(TrunkOptions trunk, IPAddress address, CancellationToken cancellationToken)
    {
        var remote = new IPEndPoint(address, PortOf(trunk));
        var question = $"Reach {remote} ({trunk.Transport})";
        using var limit = new CancellationTokenSource(Patience, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        var start = time.GetTimestamp();
        try
        {
            if (trunk.Transport != "udp")
            {
                using var stream = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
                await stream.ConnectAsync(remote, both.Token);
                return new Finding(question, Verdict.Good, $"It takes connections ({time.GetElapsedTime(start).TotalMilliseconds:0} ms).", null);
            }

            var answer = Observability.SipSummary.Of(await SipPing.AskAsync(remote, trunk.Host, both.Token));
            return new Finding(question, Verdict.Good, $"It answered OPTIONS with “{answer}” in {time.GetElapsedTime(start).TotalMilliseconds:0} ms.", null);
        }
        catch (SocketException problem)
        {
            return new Finding(question, Verdict.Bad, $"{problem.Message}.", "Nothing listens there, or a firewall refuses. Check host, port and transport.");
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested)
        {
            return new Finding(
                question,
                trunk.Transport == "udp" ? Verdict.Warning : Verdict.Bad,
                $"No answer within {Patience.TotalSeconds:0} s.",
                trunk.Transport == "udp" ? "Some carriers do not answer OPTIONS from ports they do not know; go by the keep-alive below." : "A firewall drops the packets, or the address is wrong.");
        }
    }

    private static Finding KeepAlive(TrunkOptions trunk, TrunkState? state)
    {
        const string Question = "Keep-alive";
        return trunk.KeepAliveInterval <= TimeSpan.Zero ? new Finding(Question, Verdict.Unknown, "Switched off for this trunk.", null)
            : state is null ? new Finding(Question, Verdict.Unknown, "The SIP side has not started.", null)
            : state.Available ? new Finding(Question, Verdict.Good, $"The carrier answers{(state.LastAnswerAt is { } at ? $" (last at {at:HH:mm:ss} UTC)" : "")}.", null)
            : new Finding(Question, Verdict.Bad, state.Detail ?? "The carrier does not answer OPTIONS.", "Calls prefer other trunks until it answers again.");
    }

    private static Finding Registration(TrunkOptions trunk, TrunkState? state)
    {
        const string Question = "Registration";
        return !trunk.Register ? new Finding(Question, Verdict.Good, "Not asked for: the carrier sends calls to a fixed address.", null)
            : state?.Registered == true ? new Finding(Question, Verdict.Good, $"Registered as {trunk.Username}{(state.NextAttemptAt is { } next ? $", to be renewed at {next:HH:mm:ss} UTC" : "")}.", null)
            : new Finding(Question, Verdict.Bad, state?.Detail ?? "Not registered.", state?.LastStatus switch
            {
                401 or 407 or 403 => "The carrier refuses the credentials. Check Username and Password, and whether the realm wants another user name.",
                404 => "The carrier does not know this user. Check Username.",
                423 => "The carrier wants a longer interval. Raise RegisterInterval.",
                null => "The carrier did not answer. See whether it can be reached, above.",
                _ => "Ask the carrier what this status means for them.",
            });
    }
}
