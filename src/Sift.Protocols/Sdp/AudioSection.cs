using System.Globalization;

namespace Sift.Protocols.Sdp;

/// <summary>Builds the m= sections of our offers and answers.</summary>
internal static class AudioSection
{
    private const int FirstEventPayloadType = 101;

    /// <summary>RFC 4733 2.4.1: digits, star, hash, A to D, and flash.</summary>
    private const string Events = "0-16";

    public static MediaDescription Offered(LocalAudio local, AudioAgreement? agreement)
    {
        var formats = new List<string>();
        var attributes = Transport(local, DtlsSetup.ActPass, local.Security is null ? null : agreement?.Mid ?? "0");
        if (local is { Security: null, RtcpMux: true })
        {
            attributes.Add(new("rtcp-mux"));
        }

        var taken = new HashSet<int>();
        foreach (var codec in local.Codecs)
        {
            var number = agreement is not null && agreement.Codec == codec ? agreement.ReceivePayloadType : codec.PayloadType;
            if (taken.Add(number))
            {
                AddCodec(formats, attributes, codec, number);
            }
        }

        if (local.TelephoneEvents)
        {
            var next = FirstEventPayloadType;
            foreach (var clockRate in local.Codecs.Select(c => c.ClockRate).Distinct().Order())
            {
                var number = agreement?.TelephoneEvent is { } agreed && agreed.ClockRate == clockRate ? agreed.ReceivePayloadType : next;
                while (!taken.Add(number))
                {
                    number = ++next;
                }

                AddEvents(formats, attributes, number, clockRate);
            }
        }

        Finish(attributes, local, local.Direction);
        return new MediaDescription
        {
            Type = "audio",
            Port = local.Port,
            Protocol = local.Security is null ? RtpProfile.Plain : RtpProfile.Secure,
            Formats = formats,
            Attributes = attributes,
        };
    }

    public static MediaDescription Answered(MediaDescription offered, LocalAudio local, AudioAgreement agreement)
    {
        var formats = new List<string>();
        var attributes = Transport(local, agreement.Security?.LocalSetup ?? DtlsSetup.Passive, agreement.Mid);
        if (local.Security is null && agreement.RtcpMux)
        {
            attributes.Add(new("rtcp-mux"));
        }

        // RFC 3264 6.1: the offer's numbers, so that both directions carry the same.
        AddCodec(formats, attributes, agreement.Codec, agreement.ReceivePayloadType);
        if (agreement.TelephoneEvent is { } events)
        {
            AddEvents(formats, attributes, events.ReceivePayloadType, events.ClockRate);
        }

        Finish(attributes, local, agreement.Direction);
        return new MediaDescription
        {
            Type = "audio",
            Port = local.Port,
            Protocol = offered.Protocol,
            Formats = formats,
            Attributes = attributes,
        };
    }

    /// <summary>RFC 3264 6: port 0, the rest as offered, since the grammar wants at least one format.</summary>
    public static MediaDescription Refused(MediaDescription offered) => new()
    {
        Type = offered.Type,
        Port = 0,
        Protocol = offered.Protocol,
        Formats = offered.Formats,
        Attributes = offered.Mid is { } mid ? [new("mid", mid)] : [],
    };

    private static List<SdpAttribute> Transport(LocalAudio local, DtlsSetup setup, string? mid)
    {
        var attributes = new List<SdpAttribute>(16);
        if (mid is not null)
        {
            attributes.Add(new("mid", mid));
        }

        if (local.Security is { } security)
        {
            attributes.Add(new("rtcp-mux"));
            attributes.Add(new("ice-ufrag", security.IceUfrag));
            attributes.Add(new("ice-pwd", security.IcePwd));
            attributes.Add(new("fingerprint", security.Fingerprint.ToString()));
            attributes.Add(new("setup", setup.Text()));
        }

        return attributes;
    }

    private static void AddCodec(List<string> formats, List<SdpAttribute> attributes, AudioCodec codec, int payloadType)
    {
        formats.Add(Number(payloadType));
        attributes.Add(new("rtpmap", codec.MapAs(payloadType).ToString()));
        if (codec.FormatParameters is not null)
        {
            attributes.Add(new("fmtp", $"{payloadType} {codec.FormatParameters}"));
        }
    }

    private static void AddEvents(List<string> formats, List<SdpAttribute> attributes, int payloadType, int clockRate)
    {
        formats.Add(Number(payloadType));
        attributes.Add(new("rtpmap", $"{payloadType} telephone-event/{clockRate}"));
        attributes.Add(new("fmtp", $"{payloadType} {Events}"));
    }

    private static void Finish(List<SdpAttribute> attributes, LocalAudio local, MediaDirection direction)
    {
        attributes.Add(new("ptime", Number(local.Ptime)));
        attributes.Add(new("maxptime", Number(local.MaxPtime)));
        attributes.Add(new(direction.AttributeName()));
        if (local is { Ssrc: { } ssrc, Cname: { } cname })
        {
            attributes.Add(new("ssrc", $"{ssrc} cname:{cname}"));
            if (local.StreamId is { } stream)
            {
                attributes.Add(new("msid", $"{stream} {stream}-audio"));
            }
        }

        if (local.Security is { } security)
        {
            foreach (var candidate in security.Candidates)
            {
                attributes.Add(new("candidate", candidate));
            }

            if (security is { IsComplete: true, Candidates.Count: > 0 })
            {
                attributes.Add(new("end-of-candidates"));
            }
        }
    }

    private static string Number(int value) => value.ToString(CultureInfo.InvariantCulture);
}
