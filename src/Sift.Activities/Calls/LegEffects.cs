using System.Collections.Frozen;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Sift.Media.Legs;
using Sift.Workflows.Activities;

namespace Sift.Activities.Calls;

/// <summary>Leg commands as effects in the journal, and back.</summary>
internal static class LegEffects
{
    public const string Dial = "leg.dial";

    private static readonly FrozenDictionary<string, JsonTypeInfo> ByType = new Dictionary<string, JsonTypeInfo>
    {
        [Dial] = LegJsonContext.Default.DialLeg,
        ["leg.ring"] = LegJsonContext.Default.RingLeg,
        ["leg.answer"] = LegJsonContext.Default.AnswerLeg,
        ["leg.reject"] = LegJsonContext.Default.RejectLeg,
        ["leg.hangup"] = LegJsonContext.Default.HangUpLeg,
        ["leg.play"] = LegJsonContext.Default.PlayOnLeg,
        ["leg.stop"] = LegJsonContext.Default.StopPlayback,
        ["leg.bridge"] = LegJsonContext.Default.BridgeLegs,
        ["leg.unbridge"] = LegJsonContext.Default.UnbridgeLeg,
        ["leg.digits"] = LegJsonContext.Default.SendDigits,
        ["leg.record"] = LegJsonContext.Default.RecordLeg,
        ["leg.stop_recording"] = LegJsonContext.Default.StopRecording,
    }.ToFrozenDictionary();

    private static readonly FrozenDictionary<Type, (string Name, JsonTypeInfo Json)> ByCommand =
        ByType.ToFrozenDictionary(static entry => entry.Value.Type, static entry => (entry.Key, entry.Value));

    public static IReadOnlyList<string> Types => ByType.Keys;

    /// <summary>Dialling must not happen twice; everything else a leg does is harmless when lost with the process, as the leg is then.</summary>
    public static Effect ToEffect(LegCommand command)
    {
        var (name, json) = ByCommand[command.GetType()];
        return new Effect(name, JsonSerializer.SerializeToNode(command, json), command is DialLeg ? EffectGuarantee.AtMostOnce : EffectGuarantee.Local);
    }

    public static LegCommand? Read(Effect effect) =>
        ByType.TryGetValue(effect.Type, out var json) ? effect.Payload?.Deserialize(json) as LegCommand : null;
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault,
    UseStringEnumConverter = true,
    Converters = [typeof(LegIdConverter), typeof(PlaybackIdConverter)])]
[JsonSerializable(typeof(DialLeg))]
[JsonSerializable(typeof(RingLeg))]
[JsonSerializable(typeof(AnswerLeg))]
[JsonSerializable(typeof(RejectLeg))]
[JsonSerializable(typeof(HangUpLeg))]
[JsonSerializable(typeof(PlayOnLeg))]
[JsonSerializable(typeof(StopPlayback))]
[JsonSerializable(typeof(BridgeLegs))]
[JsonSerializable(typeof(UnbridgeLeg))]
[JsonSerializable(typeof(SendDigits))]
[JsonSerializable(typeof(RecordLeg))]
[JsonSerializable(typeof(StopRecording))]
internal sealed partial class LegJsonContext : JsonSerializerContext;

internal sealed class LegIdConverter : JsonConverter<LegId>
{
    public override LegId Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => new(reader.GetString()!);

    public override void Write(Utf8JsonWriter writer, LegId value, JsonSerializerOptions options) => writer.WriteStringValue(value.Value);
}

internal sealed class PlaybackIdConverter : JsonConverter<PlaybackId>
{
    public override PlaybackId Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => new(reader.GetString()!);

    public override void Write(Utf8JsonWriter writer, PlaybackId value, JsonSerializerOptions options) => writer.WriteStringValue(value.Value);
}
