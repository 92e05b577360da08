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

    private static readonly Kind[] Kinds =
    [
        new Kind<DialLeg>(Dial, LegJsonContext.Default.DialLeg),
        new Kind<RingLeg>("leg.ring", LegJsonContext.Default.RingLeg),
        new Kind<AnswerLeg>("leg.answer", LegJsonContext.Default.AnswerLeg),
        new Kind<RejectLeg>("leg.reject", LegJsonContext.Default.RejectLeg),
        new Kind<HangUpLeg>("leg.hangup", LegJsonContext.Default.HangUpLeg),
        new Kind<PlayOnLeg>("leg.play", LegJsonContext.Default.PlayOnLeg),
        new Kind<StopPlayback>("leg.stop", LegJsonContext.Default.StopPlayback),
        new Kind<BridgeLegs>("leg.bridge", LegJsonContext.Default.BridgeLegs),
        new Kind<UnbridgeLeg>("leg.unbridge", LegJsonContext.Default.UnbridgeLeg),
        new Kind<SendDigits>("leg.digits", LegJsonContext.Default.SendDigits),
        new Kind<RecordLeg>("leg.record", LegJsonContext.Default.RecordLeg),
        new Kind<StopRecording>("leg.stop_recording", LegJsonContext.Default.StopRecording),
    ];

    private static readonly FrozenDictionary<string, Kind> ByName = Kinds.ToFrozenDictionary(static kind => kind.Name);

    private static readonly FrozenDictionary<Type, Kind> ByCommand = Kinds.ToFrozenDictionary(static kind => kind.Command);

    public static IReadOnlyList<string> Types => ByName.Keys;

    /// <summary>Dialling must not happen twice; everything else a leg does is harmless when lost with the process, as the leg is then.</summary>
    public static Effect ToEffect(LegCommand command)
    {
        var kind = ByCommand[command.GetType()];
        return new Effect(kind.Name, kind.ToJson(command), command is DialLeg ? EffectGuarantee.AtMostOnce : EffectGuarantee.Local);
    }

    public static LegCommand? Read(Effect effect) => ByName.TryGetValue(effect.Type, out var kind) ? kind.Read(effect.Payload) : null;

    private abstract class Kind(string name, Type command)
    {
        public string Name => name;

        public Type Command => command;

        public abstract JsonNode ToJson(LegCommand command);

        public abstract LegCommand? Read(JsonNode? payload);
    }

    private sealed class Kind<TCommand>(string name, JsonTypeInfo<TCommand> json) : Kind(name, typeof(TCommand))
        where TCommand : LegCommand
    {
        // The command itself, become text when the journal writes it: the handler is given back what was asked, without a detour over JSON.
        public override JsonNode ToJson(LegCommand command) => command is DialLeg
            ? JsonSerializer.SerializeToNode((TCommand)command, json)!
            : JsonValue.Create((TCommand)command, json)!;

        public override LegCommand? Read(JsonNode? payload) =>
            payload is JsonValue value && value.TryGetValue<TCommand>(out var command) ? command : payload?.Deserialize(json);
    }
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
