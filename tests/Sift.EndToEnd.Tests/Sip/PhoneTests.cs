using System.Text.Json.Nodes;
using Sift.EndToEnd.Tests.Peers;

namespace Sift.EndToEnd.Tests.Sip;

/// <summary>Calls with a softphone whose user presses keys, holds, declines or does not answer.</summary>
public sealed class PhoneTests
{
    private const string Caller = "+15557770002";
    private const string Callee = "+15554443333";

    [Fact]
    public async Task Keys_pressed_on_a_phone_reach_on_done_once_each()
    {
        await using var receiver = await CallbackReceiver.StartAsync();
        await using var server = await SiftServer.StartAsync();
        receiver.Routine("digits", TrunkCall.HangUp());
        var number = await TrunkCall.NumberAsync(server, new JsonObject
        {
            ["name"] = "GetDigits",
            ["count"] = 4,
            ["timeout_seconds"] = 8,
            ["text"] = "Please key in your code now, it has four digits and you find it on the card.",
            ["on_done"] = receiver.Url("digits"),
        });
        await using var phone = await BaresipPhone.RegisterAsync(server, Caller);

        await phone.DialAsync($"sip:{number}@127.0.0.1:{server.SipPort}");
        await phone.WaitForOutputAsync("Call established");
        await Task.Delay(500);
        await phone.PressAsync("1#5*");

        var done = await receiver.WaitForAsync("digits");
        Assert.Equal("1#5*", (string?)done.Body["digits"]);
        Assert.Equal(SiftServer.AccountId, (string?)done.Body["account_id"]);
        await server.ConnectionInAsync((string)done.Body["connection_id"]!, "finished");
        Assert.Single(receiver.At("digits"));
    }

    [Fact]
    public async Task A_caller_who_holds_is_not_heard_and_is_heard_again_after_resume()
    {
        await using var server = await SiftServer.StartAsync();
        var number = await TrunkCall.NumberAsync(server, new JsonObject { ["name"] = "CallPhone", ["phone_number"] = Callee });
        await using var callee = await BaresipPhone.RegisterAsync(server, Callee, tone: 700);
        await using var caller = await BaresipPhone.RegisterAsync(server, Caller, tone: 1100);

        await caller.DialAsync($"sip:{number}@127.0.0.1:{server.SipPort}");
        await callee.WaitForOutputAsync("Call established");
        await Task.Delay(2500);
        await caller.HoldAsync();
        await Task.Delay(2500);
        await caller.ResumeAsync();
        await Task.Delay(2500);
        await caller.HangUpAsync();

        foreach (var connection in (await server.GetAsync("connections"))["results"]!.AsArray())
        {
            await server.ConnectionInAsync((string)connection!["connection_id"]!, "finished");
        }

        // The phone that holds cannot record across it, so the judge is the other one: tone, at least a second without, tone.
        var heard = await callee.HeardAsync();
        var tenths = Enumerable.Range(0, (int)(heard.Duration.TotalSeconds * 10))
            .Select(i => heard.Slice(TimeSpan.FromSeconds(i / 10.0), TimeSpan.FromSeconds(0.1)))
            .Select(r => r.Level() > 0.01 && r.Share(1100) > 0.7 ? '+' : '-');
        Assert.Matches(@"\+{10,}-{10,}\+{10,}", string.Concat(tenths));
    }

    [Theory]
    [InlineData(false, "busy")]
    [InlineData(true, "no_answer")]
    public async Task A_callee_who_is_busy_or_does_not_answer_lets_the_routine_go_on(bool letItRing, string expected)
    {
        await using var receiver = await CallbackReceiver.StartAsync();
        await using var server = await SiftServer.StartAsync();
        var number = await TrunkCall.NumberAsync(
            server,
            new JsonObject
            {
                ["name"] = "CallPhone",
                ["phone_number"] = Callee,
                ["timeout_seconds"] = 3,
                ["on_done"] = receiver.Url("dialled"),
            },
            TrunkCall.Say("Nobody could take your call. Please try again later."),
            TrunkCall.HangUp());
        await using var callee = await BaresipPhone.RegisterAsync(server, Callee, tone: 700, answer: false);
        await using var caller = await BaresipPhone.RegisterAsync(server, Caller);

        await caller.DialAsync($"sip:{number}@127.0.0.1:{server.SipPort}");
        await callee.WaitForOutputAsync("Incoming call");
        if (!letItRing)
        {
            await callee.HangUpAsync();
        }

        var dialled = await receiver.WaitForAsync("dialled");
        Assert.Equal(expected, (string?)dialled.Body["dial_status"]);
        await server.ConnectionInAsync((string)dialled.Body["callee_connection_id"]!, "failed");
        var callerConnection = (await server.GetAsync("connections"))["results"]!.AsArray()
            .Single(c => (string?)c!["direction"] == "incoming")!;
        await server.ConnectionInAsync((string)callerConnection["connection_id"]!, "finished");
        var heard = await caller.HeardAsync();
        var end = heard.Slice(heard.Duration - TimeSpan.FromSeconds(2.5), TimeSpan.FromSeconds(2.5));
        Assert.True(end.SoundsLikeSpeech(), "the caller hears the next command speak");
    }

    [Theory]
    [InlineData("wav", 22050)]
    [InlineData("mp3", 44100)]
    public async Task Plays_a_file_from_the_customers_server(string format, int rate)
    {
        await using var server = await SiftServer.StartAsync();
        var file = Path.Combine(server.DataDirectory, $"tone.{format}");
        await using (var maker = ExternalProgram.Start("ffmpeg", ["-v", "error", "-f", "lavfi", "-i", "sine=frequency=620:duration=2", "-ar", rate.ToString(), file]))
        {
            Assert.Equal(0, await maker.WaitForExitAsync(TimeSpan.FromSeconds(20)));
        }

        await using var receiver = await CallbackReceiver.StartAsync();
        receiver.Serve($"tone.{format}", await File.ReadAllBytesAsync(file));
        var number = await TrunkCall.NumberAsync(
            server,
            new JsonObject { ["name"] = "Play", ["sound_url"] = receiver.Url($"tone.{format}"), ["on_done"] = receiver.Url("played") },
            TrunkCall.HangUp());
        await using var phone = await BaresipPhone.RegisterAsync(server, Caller);

        await phone.DialAsync($"sip:{number}@127.0.0.1:{server.SipPort}");
        var played = await receiver.WaitForAsync("played");
        await server.ConnectionInAsync((string)played.Body["connection_id"]!, "finished");

        var heard = await phone.HeardAsync();
        Assert.InRange(heard.Sounding().TotalSeconds, 1.8, 2.2);
        var middle = heard.Slice(heard.FirstSound()!.Value + TimeSpan.FromSeconds(0.3), TimeSpan.FromSeconds(1));
        Assert.True(middle.Share(620) > 0.9, $"620 Hz: {middle.Share(620):F2}");
    }

    [Fact]
    public async Task A_wrong_sandbox_password_is_refused()
    {
        await using var server = await SiftServer.StartAsync();

        await using var phone = await BaresipPhone.StartAsync(
            $"<sip:{Caller}@127.0.0.1:{server.SipPort}>;auth_user={Caller};auth_pass=wrong;regint=60",
            tone: 500,
            waitFor: "baresip is ready");

        await phone.WaitForOutputAsync("40");
        Assert.DoesNotContain("200 OK", phone.Output);
    }

    [Fact]
    public async Task Tcp_phones_work_as_udp_ones()
    {
        await using var server = await SiftServer.StartAsync();
        var number = await TrunkCall.NumberAsync(server, TrunkCall.Say("Good morning over a stream transport."), TrunkCall.HangUp());
        await using var phone = await BaresipPhone.RegisterAsync(server, Caller, transport: "tcp");

        await phone.DialAsync($"sip:{number}@127.0.0.1:{server.SipPort};transport=tcp");
        await phone.WaitForOutputAsync("Call established");

        var connection = (await server.GetAsync("connections"))["results"]!.AsArray().Single()!;
        await server.ConnectionInAsync((string)connection["connection_id"]!, "finished");
        Assert.True((await phone.HeardAsync()).SoundsLikeSpeech());
    }
}
