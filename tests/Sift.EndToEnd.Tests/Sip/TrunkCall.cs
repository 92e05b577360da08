using System.Text.Json.Nodes;
using Sift.EndToEnd.Tests.Peers;

namespace Sift.EndToEnd.Tests.Sip;

/// <summary>A server with a trunk on loopback and one bound number, so that sipp can call without credentials as a carrier does.</summary>
internal static class TrunkCall
{
    public static Task<SiftServer> ServerAsync(int trunkPort, params (string Name, string? Value)[] more) =>
        SiftServer.StartAsync([
            ("Sift__Trunks__0__Name", "carrier"),
            ("Sift__Trunks__0__Host", "127.0.0.1"),
            ("Sift__Trunks__0__Port", trunkPort.ToString()),
            ("Sift__Trunks__0__SourceAddresses__0", "127.0.0.1"),
            ("Sift__Trunks__0__KeepAliveInterval", "00:00:00"),
            ("Sift__Sandbox__Enabled", "true"),
            .. more]);

    /// <summary>Registers the first available number to an application with that fixed routine, and returns it.</summary>
    public static async Task<string> NumberAsync(SiftServer server, params JsonNode[] routine) =>
        await BindAsync(server, new JsonObject { ["name"] = "fixed", ["default_routine"] = new JsonArray(routine) });

    public static async Task<string> BindAsync(SiftServer server, JsonObject application)
    {
        var created = await server.PostJsonAsync("applications", application);
        var numbers = JsonNode.Parse(await server.Api.GetStringAsync("availablenumbers/US"))!.AsArray();
        var number = (string)numbers[0]!;
        await server.PostJsonAsync("phonenumbers", new JsonObject
        {
            ["phone_number"] = number,
            ["application_id"] = (string)created["application_id"]!,
        });
        return number;
    }

    /// <summary>Waits until the phone's call is up at both ends and its routine listens for digits.</summary>
    public static async Task AsksForDigitsAsync(SiftServer server, BaresipPhone phone, string connection)
    {
        await phone.WaitForOutputAsync("Call established");
        await Eventually.True(
            async () => (await server.GetAsync($"connections/{connection}/timeline"))["steps"]!.AsArray().Any(step => (string?)step!["name"] == "GetDigits"),
            TimeSpan.FromSeconds(20),
            () => $"the routine asks for digits\n{server.Output}");
    }

    public static JsonObject Say(string text, string? onDone = null)
    {
        var say = new JsonObject { ["name"] = "Say", ["text"] = text };
        if (onDone is not null)
        {
            say["on_done"] = onDone;
        }

        return say;
    }

    public static JsonObject Pause(int seconds) => new() { ["name"] = "Pause", ["seconds"] = seconds };

    public static JsonObject HangUp() => new() { ["name"] = "HangUp" };
}
