using System.Text.Json;
using System.Text.Json.Serialization;
using Sift.Protocols.Sip.Dialogs;
using Sift.Protocols.Sip.Transactions;

namespace Sift.Media.Sip.Calls;

/// <summary>The signalling part of a leg snapshot.</summary>
/// <param name="Remote">Address and port that the dialog's requests go to.</param>
internal sealed record SipLegState(SipTransport Transport, string Remote, bool Held, LegAudioState Audio, SipDialogSnapshot Dialog)
{
    public const string Kind = "sip";

    public string ToJson() => JsonSerializer.Serialize(this, SipLegJson.Default.SipLegState);

    /// <returns>Null when the text is not a snapshot of this version.</returns>
    public static SipLegState? Parse(string json)
    {
        try
        {
            return JsonSerializer.Deserialize(json, SipLegJson.Default.SipLegState);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}

[JsonSerializable(typeof(SipLegState))]
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, UseStringEnumConverter = true)]
internal sealed partial class SipLegJson : JsonSerializerContext;
