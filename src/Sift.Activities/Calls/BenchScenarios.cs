using System.Text.Json;
using System.Text.Json.Nodes;
using Sift.Activities.Connections;

namespace Sift.Activities.Calls;

/// <summary>The built-in applications of bench mode: they take the same road as any call, journal included.</summary>
internal static class BenchScenarios
{
    /// <summary>Belongs to nobody.</summary>
    public const string AccountId = "0000000000000000";

    private static readonly ApplicationPlan Say = Routine(BenchTone(1), Command("HangUp"));

    private static readonly ApplicationPlan Play = Routine(BenchTone(90), Command("HangUp"));

    public static ApplicationPlan? Plan(string scenario, CallOptions options) => scenario switch
    {
        "say" => Say,
        "play" => Play,
        "bridge" when options.Bench is { } targets => Routine(Command("BenchBridge", ("to", targets.BridgeTo)), Command("HangUp")),
        "hook" when options.Bench is { } targets => new ApplicationPlan(AccountId, AccountId, targets.HookUrl, null, "immediately", null, null, null),
        _ => null,
    };

    private static JsonObject BenchTone(double seconds) => Command("BenchTone", ("seconds", seconds));

    private static ApplicationPlan Routine(params JsonNode?[] commands) =>
        new(AccountId, AccountId, null, JsonSerializer.SerializeToElement(new JsonArray(commands)), "immediately", null, null, null);

    private static JsonObject Command(string name, params ReadOnlySpan<(string Name, JsonNode Value)> arguments)
    {
        var command = new JsonObject { ["name"] = name };
        foreach (var (argument, value) in arguments)
        {
            command[argument] = value;
        }

        return command;
    }
}
