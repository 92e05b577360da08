namespace Sift.Protocols.Sdp;

/// <summary>Offer and answer (RFC 3264) for one audio stream, as pure functions.</summary>
public static class AudioNegotiation
{
    /// <summary>
    /// Our offer. With <paramref name="previous"/>, the last description of our side, it continues that session (RFC 3264 8): same o=
    /// with the version raised only on change, same sections in the same places.
    /// </summary>
    /// <param name="agreement">Of a running session: its payload numbers are kept, since they may not change meaning (RFC 3264 8.3.2).</param>
    public static SessionDescription Offer(LocalAudio local, SessionDescription? previous = null, AudioAgreement? agreement = null)
    {
        var mediaIndex = agreement?.MediaIndex ?? 0;
        var audio = AudioSection.Offered(local, agreement);
        var media = new List<MediaDescription>();
        for (var i = 0; i < (previous?.Media.Count ?? 0); i++)
        {
            media.Add(i == mediaIndex ? audio : AudioSection.Refused(previous!.Media[i]));
        }

        if (media.Count <= mediaIndex)
        {
            media.Add(audio);
        }

        var offer = Describe(local, media, audio.Mid);
        return previous is null ? offer : offer.Following(previous);
    }

    /// <summary>What <see cref="Answer"/> would agree on; null when it would fail.</summary>
    public static AudioAgreement? FindAgreement(SessionDescription offer, LocalAudio local)
    {
        for (var i = 0; i < offer.Media.Count; i++)
        {
            if (offer.Media[i] is { Type: "audio", Port: not 0 } && TryAgree(offer, i, local, out var agreement) == NegotiationFailure.None)
            {
                return agreement;
            }
        }

        return null;
    }

    /// <summary>
    /// Answers an offer: the first audio section that fits is taken with one codec, every other section is refused with port 0.
    /// On failure the request is to be answered with 488.
    /// </summary>
    public static AudioNegotiated Answer(SessionDescription offer, LocalAudio local, SessionDescription? previous = null)
    {
        var failure = NegotiationFailure.NoAudio;
        for (var i = 0; i < offer.Media.Count; i++)
        {
            var media = offer.Media[i];
            if (media.Type != "audio" || media.Port == 0)
            {
                continue;
            }

            var why = TryAgree(offer, i, local, out var agreement);
            if (why != NegotiationFailure.None)
            {
                // The reason of the first usable section tells the caller most.
                failure = failure == NegotiationFailure.NoAudio ? why : failure;
                continue;
            }

            var answer = Describe(local, AnswerSections(offer, local, agreement!), BundledMid(offer, agreement!));
            return new AudioNegotiated(NegotiationFailure.None, agreement, previous is null ? answer : answer.Following(previous));
        }

        return AudioNegotiated.Failed(failure);
    }

    /// <summary>Reads the answer to our offer.</summary>
    public static AudioNegotiated Accept(SessionDescription offer, SessionDescription answer, LocalAudio local)
    {
        // RFC 3264 6: as many sections as the offer, in its order.
        var index = IndexOfOffered(offer);
        if (index < 0 || answer.Media.Count != offer.Media.Count || answer.Media[index].Type != "audio")
        {
            return AudioNegotiated.Failed(NegotiationFailure.AnswerDoesNotFit);
        }

        if (answer.Media[index].Port == 0)
        {
            return AudioNegotiated.Failed(NegotiationFailure.Refused);
        }

        var why = TryAgree(answer, index, local, out var agreement);
        if (why != NegotiationFailure.None)
        {
            return AudioNegotiated.Failed(why);
        }

        // RFC 3264 6.1: the answerer may number a codec otherwise for its own direction; we receive by the numbers that we offered.
        var own = offer.Media[index];
        var receives = PayloadMatch.Codec(own, local with { Codecs = [agreement!.Codec] });
        if (receives is null)
        {
            return AudioNegotiated.Failed(NegotiationFailure.AnswerDoesNotFit);
        }

        var events = agreement.TelephoneEvent;
        var ownEvents = events is null ? null : PayloadMatch.TelephoneEvent(own, events.ClockRate);
        return new AudioNegotiated(
            NegotiationFailure.None,
            agreement with
            {
                ReceivePayloadType = receives.Value.PayloadType,
                TelephoneEvent = ownEvents is { } number ? events! with { ReceivePayloadType = number } : null,
                Direction = agreement.Direction & offer.DirectionOf(own),
                IsHeldByPeer = agreement.IsHeldByPeer && offer.DirectionOf(own).Sends(),
            },
            answer);
    }

    private static NegotiationFailure TryAgree(SessionDescription remote, int index, LocalAudio local, out AudioAgreement? agreement)
    {
        agreement = null;
        var media = remote.Media[index];
        var wantsDtls = RtpProfile.IsDtls(media.Protocol);
        if (wantsDtls != (local.Security is not null) || (!wantsDtls && !RtpProfile.IsPlain(media.Protocol)))
        {
            return NegotiationFailure.UnsupportedProfile;
        }

        if (PayloadMatch.Codec(media, local) is not var (codec, payloadType))
        {
            return NegotiationFailure.NoCommonCodec;
        }

        // A browser may leave c= out; with ICE the address comes from the checks.
        var connection = remote.ConnectionOf(media);
        if (connection is null && !wantsDtls)
        {
            return NegotiationFailure.NoAddress;
        }

        RemoteSecurity? security = null;
        if (wantsDtls && !TrySecurity(remote, media, local.Security!, out security))
        {
            return NegotiationFailure.IncompleteSecurity;
        }

        // RFC 3264 8.4: c=0.0.0.0 says that the author receives nothing. Under ICE it is a mere placeholder.
        var theirs = remote.DirectionOf(media);
        if (!wantsDtls && connection!.IsUnspecified)
        {
            theirs &= ~MediaDirection.RecvOnly;
        }

        var muxed = media.RtcpMux && (wantsDtls || local.RtcpMux);
        var events = local.TelephoneEvents ? PayloadMatch.TelephoneEvent(media, codec.ClockRate) : null;
        agreement = new AudioAgreement
        {
            Codec = codec,
            SendPayloadType = payloadType,
            ReceivePayloadType = payloadType,
            TelephoneEvent = events is { } number ? new TelephoneEventFormat(number, number, codec.ClockRate) : null,
            RemoteAddress = connection?.Address ?? "0.0.0.0",
            RemotePort = media.Port,
            RemoteRtcpPort = muxed ? media.Port : media.RtcpPort,
            RtcpMux = muxed,
            Direction = theirs.Reversed() & local.Direction,
            IsHeldByPeer = !theirs.Receives(),
            SendPtime = SendPtime(media, local),
            RemoteFormatParameters = media.FormatParametersOf(payloadType),
            Security = security,
            MediaIndex = index,
            Mid = media.Mid,
        };
        return NegotiationFailure.None;
    }

    private static bool TrySecurity(SessionDescription remote, MediaDescription media, LocalSecurity local, out RemoteSecurity? security)
    {
        security = null;
        var fingerprints = remote.FingerprintsOf(media);
        if (remote.IceUfragOf(media) is not { Length: >= 4 } ufrag
            || remote.IcePwdOf(media) is not { Length: >= 22 } password
            || fingerprints.Count == 0)
        {
            return false;
        }

        security = new RemoteSecurity
        {
            IceUfrag = ufrag,
            IcePwd = password,
            Fingerprints = fingerprints,
            LocalSetup = remote.SetupOf(media) switch
            {
                DtlsSetup.Active => DtlsSetup.Passive,
                DtlsSetup.Passive => DtlsSetup.Active,
                _ => local.PreferredSetup == DtlsSetup.Active ? DtlsSetup.Active : DtlsSetup.Passive,
            },
            IceLite = remote.IsIceLite,
            Candidates = [.. media.Candidates],
        };
        return true;
    }

    /// <summary>RFC 8866 6.4: what the peer likes to receive, within what it can (6.5) and what frames of 10 ms can make.</summary>
    private static int SendPtime(MediaDescription media, LocalAudio local)
    {
        const int longest = 60;
        var ptime = Math.Min(media.Ptime ?? local.Ptime, Math.Min(media.MaxPtime ?? longest, longest));
        return Math.Max(10, ptime / 10 * 10);
    }

    private static List<MediaDescription> AnswerSections(SessionDescription offer, LocalAudio local, AudioAgreement agreement)
    {
        var sections = new List<MediaDescription>(offer.Media.Count);
        for (var i = 0; i < offer.Media.Count; i++)
        {
            sections.Add(i == agreement.MediaIndex
                ? AudioSection.Answered(offer.Media[i], local, agreement)
                : AudioSection.Refused(offer.Media[i]));
        }

        return sections;
    }

    private static SessionDescription Describe(LocalAudio local, IReadOnlyList<MediaDescription> media, string? bundledMid)
    {
        var attributes = new List<SdpAttribute>();
        if (local.Security is { IceLite: true })
        {
            attributes.Add(new("ice-lite"));
        }

        if (bundledMid is not null)
        {
            attributes.Add(new("group", "BUNDLE " + bundledMid));
        }

        return new SessionDescription
        {
            Origin = new SdpOrigin("-", local.SessionId, 1, local.Address),
            Connection = new SdpConnection(local.Address),
            Attributes = attributes,
            Media = media,
        };
    }

    private static string? BundledMid(SessionDescription offer, AudioAgreement agreement) =>
        agreement.Mid is { } mid && offer.BundledMids.Contains(mid) ? mid : null;

    private static int IndexOfOffered(SessionDescription offer)
    {
        for (var i = 0; i < offer.Media.Count; i++)
        {
            if (offer.Media[i] is { Type: "audio", Port: not 0 })
            {
                return i;
            }
        }

        return -1;
    }
}
