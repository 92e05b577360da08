using System.Text.Json.Nodes;
using Sift.EndToEnd.Tests.Hearing;
using Sift.EndToEnd.Tests.Peers;
using Sift.EndToEnd.Tests.Sip;

namespace Sift.EndToEnd.Tests.Recordings;

/// <summary>Judged by what is heard in the files.</summary>
public sealed class RecordingTests
{
    private const string Caller = "+15557770002";
    private const string Callee = "+15554443333";

    [Fact]
    public async Task Each_side_of_a_recorded_call_is_heard_on_its_own_channel_and_both_in_the_mix()
    {
        await using var receiver = await CallbackReceiver.StartAsync();
        await using var server = await SiftServer.StartAsync();
        var number = await TrunkCall.NumberAsync(
            server, new JsonObject { ["name"] = "CallPhone", ["phone_number"] = Callee, ["do_record"] = true, ["event_callback"] = receiver.Url("events") });
        await using var callee = await BaresipPhone.RegisterAsync(server, Callee, tone: 700);
        await using var caller = await BaresipPhone.RegisterAsync(server, Caller, tone: 1100);
        await TalkAsync(server, number, caller, callee);
        await caller.HangUpAsync();

        var ended = await receiver.WaitForAsync("events");
        Assert.Equal("ended", (string?)ended.Body["event_type"]);
        var conversation = await Eventually.Get(
            async () => await server.GetAsync($"conversations/{ended.Body["conversation_id"]}") is var c && (string?)c["status"] == "finished" ? c : null,
            TimeSpan.FromSeconds(5), () => "the recording is complete");

        var members = conversation["channels"]!.AsArray();
        Assert.InRange((int)conversation["mixed_audio"]!["duration_ms"]!, 2500, 6000);
        var (said, answered, mixed) = (await HearAsync(server, members[0]!["audio"]!), await HearAsync(server, members[1]!["audio"]!), await HearAsync(server, conversation["mixed_audio"]!));
        Assert.True(said.Share(1100) > 0.9 && said.Share(700) < 0.05, $"caller: {said.Share(1100):0.00} {said.Share(700):0.00}");
        Assert.True(answered.Share(700) > 0.9 && answered.Share(1100) < 0.05, $"callee: {answered.Share(700):0.00} {answered.Share(1100):0.00}");
        Assert.True(mixed.Share(700) > 0.2 && mixed.Share(1100) > 0.2, $"mix: {mixed.Share(700):0.00} {mixed.Share(1100):0.00}");
        Assert.Equal((string?)members[1]!["connection_id"], (string?)(await server.GetAsync("recordings"))["results"]![0]!["with_connection_id"]);
    }

    [Fact]
    public async Task A_call_that_does_not_ask_for_it_is_not_recorded()
    {
        await using var server = await SiftServer.StartAsync();
        var number = await TrunkCall.NumberAsync(server, new JsonObject { ["name"] = "CallPhone", ["phone_number"] = Callee });
        await using var callee = await BaresipPhone.RegisterAsync(server, Callee, tone: 700);
        await using var caller = await BaresipPhone.RegisterAsync(server, Caller, tone: 1100);
        await TalkAsync(server, number, caller, callee);

        Assert.Empty((await server.GetAsync("recordings"))["results"]!.AsArray());
        Assert.Empty(Directory.GetFiles(Path.Combine(server.DataDirectory, "recordings")));
    }

    [Fact]
    public async Task What_was_recorded_before_the_server_was_killed_can_be_heard_after_it_starts_again()
    {
        await using var server = await SiftServer.StartAsync();
        var number = await TrunkCall.NumberAsync(server, new JsonObject { ["name"] = "CallPhone", ["phone_number"] = Callee, ["do_record"] = true });
        await using var callee = await BaresipPhone.RegisterAsync(server, Callee, tone: 700);
        await using var caller = await BaresipPhone.RegisterAsync(server, Caller, tone: 1100);
        await TalkAsync(server, number, caller, callee);
        await Task.Delay(3000);
        await server.KillAsync();
        await server.RestartAsync();

        var recording = (await server.GetAsync("recordings"))["results"]![0]!;

        Assert.Equal("failed", (string?)recording["status"]);
        Assert.Contains("the server stopped", (string?)recording["error"], StringComparison.Ordinal);
        Assert.True((int)recording["duration_ms"]! > 1000, recording.ToJsonString());
        Assert.True((await HearAsync(server, recording)).Share(1100) > 0.9);
    }

    private static async Task TalkAsync(SiftServer server, string number, BaresipPhone caller, BaresipPhone callee)
    {
        await caller.DialAsync($"sip:{number}@127.0.0.1:{server.SipPort}");
        await callee.WaitForOutputAsync("Call established");
        await Task.Delay(3500);
    }

    /// <summary>Downloads, and leaves out the first second, in which phones are still settling.</summary>
    private static async Task<Recording> HearAsync(SiftServer server, JsonNode audio)
    {
        var path = Path.Combine(server.DataDirectory, $"{Guid.NewGuid():N}.wav");
        await File.WriteAllBytesAsync(path, await server.Api.GetByteArrayAsync((string)audio["wav_file"]!));
        var whole = Recording.ReadWav(path);
        return whole.Slice(TimeSpan.FromSeconds(1), whole.Duration - TimeSpan.FromSeconds(1.2));
    }
}
