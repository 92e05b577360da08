using System.Net;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Sift.Media.Rtp;

/// <summary>What another process needs to go on with a session on the same ports, so that the far end hears one unbroken stream.</summary>
/// <param name="LocalPort">The RTP port; RTCP is the next one.</param>
/// <param name="LatchedRemote">Where RTP really goes, when latching learned an address; else null.</param>
/// <param name="Sequence">The next sequence number to send.</param>
/// <param name="Timestamp">The RTP timestamp at <paramref name="TakenAt"/>; the gap until the restore is added.</param>
internal sealed record MediaSnapshot(
    int LocalPort,
    string Remote,
    string? RemoteControl,
    string? LatchedRemote,
    string Encoding,
    byte PayloadType,
    byte? ReceivePayloadType,
    byte? TelephoneEventPayloadType,
    byte? ReceiveTelephoneEventPayloadType,
    MediaDirection Direction,
    int SendPtime,
    bool RtcpMux,
    LatchPolicy Latch,
    uint Ssrc,
    ushort Sequence,
    uint Timestamp,
    DateTimeOffset TakenAt)
{
    public string ToJson() => JsonSerializer.Serialize(this, MediaJson.Default.MediaSnapshot);

    /// <returns>Null when the text is not a snapshot of this version.</returns>
    public static MediaSnapshot? Parse(string json)
    {
        try
        {
            return JsonSerializer.Deserialize(json, MediaJson.Default.MediaSnapshot);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <returns>Null when an address or the encoding is unknown here.</returns>
    public MediaParameters? ToParameters()
    {
        var format = AudioFormat.Supported.FirstOrDefault(f => f.Name == Encoding);
        if (format is null || !IPEndPoint.TryParse(Remote, out var remote))
        {
            return null;
        }

        IPEndPoint? control = null;
        if (RemoteControl is not null && !IPEndPoint.TryParse(RemoteControl, out control))
        {
            return null;
        }

        return new MediaParameters
        {
            Remote = remote,
            RemoteControl = control,
            Format = format with { PayloadType = PayloadType },
            ReceivePayloadType = ReceivePayloadType,
            TelephoneEventPayloadType = TelephoneEventPayloadType,
            ReceiveTelephoneEventPayloadType = ReceiveTelephoneEventPayloadType,
            Direction = Direction,
            SendPtime = SendPtime,
            RtcpMux = RtcpMux,
            Latch = Latch,
        };
    }
}

[JsonSerializable(typeof(MediaSnapshot))]
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, UseStringEnumConverter = true)]
internal sealed partial class MediaJson : JsonSerializerContext;
