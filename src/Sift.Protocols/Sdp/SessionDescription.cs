using System.Diagnostics.CodeAnalysis;

namespace Sift.Protocols.Sdp;

/// <summary>A session description (RFC 8866).</summary>
public sealed record SessionDescription
{
    public required SdpOrigin Origin { get; init; }

    public string Name { get; init; } = "-";

    public SdpConnection? Connection { get; init; }

    /// <summary>Session-level attributes, known or not, in order.</summary>
    public IReadOnlyList<SdpAttribute> Attributes { get; init; } = [];

    public IReadOnlyList<SdpLine> OtherLines { get; init; } = [new SdpLine('t', "0 0")];

    public IReadOnlyList<MediaDescription> Media { get; init; } = [];

    /// <summary>RFC 8445: the author only answers connectivity checks.</summary>
    public bool IsIceLite => Attributes.Has("ice-lite");

    /// <summary>Parses without throwing; LF alone ends a line too, as RFC 8866 section 5 asks of readers.</summary>
    public static bool TryParse(ReadOnlySpan<byte> bytes, [NotNullWhen(true)] out SessionDescription? description) =>
        SdpReader.TryRead(bytes, out description);

    public byte[] ToArray() => SdpWriter.ToArray(this);

    public override string ToString() => SdpWriter.ToText(this);

    /// <summary>Direction of a section: its own, else the session's, else both ways (RFC 8866 6.7).</summary>
    public MediaDirection DirectionOf(MediaDescription media) =>
        media.Direction ?? MediaDirections.Of(Attributes) ?? MediaDirection.SendRecv;

    public SdpConnection? ConnectionOf(MediaDescription media) => media.Connection ?? Connection;

    /// <summary>RFC 8839 5.4: ice-ufrag and ice-pwd may stand at either level.</summary>
    public string? IceUfragOf(MediaDescription media) => media.IceUfrag ?? Attributes.Value("ice-ufrag");

    public string? IcePwdOf(MediaDescription media) => media.IcePwd ?? Attributes.Value("ice-pwd");

    public IReadOnlyList<SdpFingerprint> FingerprintsOf(MediaDescription media) =>
        media.Fingerprints is { Count: > 0 } own ? own : MediaDescription.ReadFingerprints(Attributes);

    public DtlsSetup? SetupOf(MediaDescription media) => media.Setup ?? DtlsSetups.Parse(Attributes.Value("setup"));

    /// <summary>The mids of the first BUNDLE group (RFC 9143); empty when there is none.</summary>
    public IReadOnlyList<string> BundledMids
    {
        get
        {
            foreach (var group in Attributes.Values("group"))
            {
                if (group.StartsWith("BUNDLE ", StringComparison.Ordinal))
                {
                    return group["BUNDLE ".Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
                }
            }

            return [];
        }
    }

    /// <summary>True when the descriptions say the same, whatever the version in o=.</summary>
    public bool SaysTheSameAs(SessionDescription other) =>
        Origin.IsSameSession(other.Origin) && SdpWriter.ToText(this with { Origin = other.Origin }) == SdpWriter.ToText(other);

    /// <summary>
    /// RFC 3264 8: the next description of our side. The version stays when nothing changed, else it is one more than the last.
    /// </summary>
    public SessionDescription Following(SessionDescription previous)
    {
        var sameId = this with { Origin = previous.Origin };
        return sameId.SaysTheSameAs(previous)
            ? previous
            : sameId with { Origin = previous.Origin with { Version = previous.Origin.Version + 1 } };
    }

    /// <summary>
    /// RFC 3264 8: an offer with the version of the one before promises to be the same, which makes it a mere refresh. Senders that
    /// raise the version without changing anything are taken for a refresh too.
    /// </summary>
    public bool IsRefreshOf(SessionDescription previous) => SaysTheSameAs(previous);
}
