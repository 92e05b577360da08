using Microsoft.Extensions.Logging;
using Sift.Protocols.Sip.Messages;
using Sift.Protocols.Sip.Transactions;

namespace Sift.Media.Sip.Trunks;

/// <summary>The REGISTER client of one trunk (RFC 3261 10.2): refresh before expiry, back off when refused.</summary>
internal sealed partial class TrunkRegistration(Trunk trunk, ISipDriver driver, ILogger logger)
{
    private static readonly TimeSpan FirstRetry = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan LongestRetry = TimeSpan.FromMinutes(10);

    private readonly string _callId = NewCallId(driver);
    private uint _sequence;
    private TimeSpan _interval = trunk.Options.RegisterInterval;
    private TimeSpan _retry = FirstRetry;
    private TimeSpan _expiresAt;
    private bool _stopped;

    public bool IsRegistered { get; private set; }

    public DateTimeOffset? NextAttemptAt { get; private set; }

    public string? Detail { get; private set; }

    private string User => trunk.Options.Username.Length > 0 ? trunk.Options.Username : "sift";

    public void Start() => Send();

    /// <summary>Best effort at shutdown: the answer is not waited for.</summary>
    public void Unregister()
    {
        _stopped = true;
        if (IsRegistered && trunk.TryFlow(out var flow))
        {
            driver.Request(Build(flow, TimeSpan.Zero), flow, trunk.Credentials, static _ => { });
        }
    }

    private void Send()
    {
        if (_stopped)
        {
            return;
        }

        if (!trunk.TryFlow(out var flow))
        {
            Fail("no way to reach it", null);
            return;
        }

        var request = Build(flow, _interval);
        driver.Request(request, flow, trunk.Credentials, response => OnAnswer(flow, response));
    }

    private SipRequest Build(in SipFlow flow, TimeSpan expires)
    {
        var user = SipUri.EscapeUser(User);
        var request = new SipRequest("REGISTER", new SipUri { Scheme = "sip", Host = trunk.Options.Host });
        var headers = request.Headers;
        headers.Add("From", $"<sip:{user}@{trunk.UriHost}>");
        headers.Add("To", $"<sip:{user}@{trunk.UriHost}>");
        headers.Add("Call-ID", _callId);

        // RFC 3261 10.2.4: one Call-ID per registrar, CSeq rising; the core may use one more for a challenge.
        _sequence += 2;
        headers.Add("CSeq", $"{_sequence} REGISTER");
        headers.Add("Contact", $"<sip:{user}@{driver.Transports.SentBy(flow)};transport={flow.ViaTransport.ToLowerInvariant()}>");
        headers.Add("Expires", ((int)expires.TotalSeconds).ToString(System.Globalization.CultureInfo.InvariantCulture));
        return request;
    }

    private void OnAnswer(in SipFlow flow, SipResponse? response)
    {
        if (trunk.Heard(flow, response?.StatusCode))
        {
            Send();
            return;
        }

        if (response is null)
        {
            Fail("no answer to REGISTER", null);
            return;
        }

        switch (response.StatusCode)
        {
            case >= 200 and < 300:
                Succeed(Granted(response));
                break;
            case 423 when response.MinExpires is { } seconds && TimeSpan.FromSeconds(seconds) > _interval:
                // RFC 3261 10.2.8: ask again with what the registrar wants.
                _interval = TimeSpan.FromSeconds(seconds);
                Send();
                break;
            default:
                Fail($"REGISTER refused with {response.StatusCode} {response.ReasonPhrase}", response.RetryAfter is { Seconds: > 0 and <= 3600 } wait ? TimeSpan.FromSeconds(wait.Seconds) : null);
                break;
        }
    }

    private void Succeed(TimeSpan granted)
    {
        if (!IsRegistered)
        {
            Log.Registered(logger, trunk.Options.Name, granted);
        }

        IsRegistered = true;
        Detail = null;
        _retry = FirstRetry;
        _expiresAt = driver.Now + granted;

        // Early enough for a few retransmissions to fit in, but never busy with a short grant.
        Schedule(granted > TimeSpan.FromSeconds(60) ? granted - TimeSpan.FromSeconds(30) : granted / 2);
    }

    private void Fail(string detail, TimeSpan? retryAfter)
    {
        if (IsRegistered && driver.Now >= _expiresAt)
        {
            IsRegistered = false;
        }

        Detail = detail;
        Log.Refused(logger, trunk.Options.Name, detail);

        // Spread retries by up to a quarter, so that many servers do not come back in step.
        Span<byte> random = stackalloc byte[1];
        driver.Entropy.Fill(random);
        Schedule(retryAfter ?? _retry + (_retry * (random[0] / 1024.0)));
        _retry = _retry * 2 > LongestRetry ? LongestRetry : _retry * 2;
    }

    private void Schedule(TimeSpan delay)
    {
        NextAttemptAt = driver.WallClock + delay;
        driver.After(delay, Send);
        trunk.Publish();
    }

    /// <summary>RFC 3261 10.2.4: the expires of our own contact, else the Expires header, else what we asked for.</summary>
    private TimeSpan Granted(SipResponse response)
    {
        foreach (var contact in response.Contacts?.Addresses ?? [])
        {
            if (contact.Uri.User == User
                && uint.TryParse(contact.Parameters.Get("expires"), out var seconds) && seconds > 0)
            {
                return TimeSpan.FromSeconds(seconds);
            }
        }

        return response.Expires is { } common and > 0 ? TimeSpan.FromSeconds(common) : _interval;
    }

    private static string NewCallId(ISipDriver driver)
    {
        Span<byte> random = stackalloc byte[12];
        driver.Entropy.Fill(random);
        return Convert.ToHexStringLower(random);
    }

    private static partial class Log
    {
        [LoggerMessage(EventId = 2151, Level = LogLevel.Information, Message = "Registered with trunk {Trunk} for {Granted}")]
        public static partial void Registered(ILogger logger, string trunk, TimeSpan granted);

        [LoggerMessage(EventId = 2152, Level = LogLevel.Warning, Message = "Trunk {Trunk}: {Detail}")]
        public static partial void Refused(ILogger logger, string trunk, string detail);
    }
}
