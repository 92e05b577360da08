using Sift.EndToEnd.Tests.Hearing;
using Sift.EndToEnd.Tests.Peers;

namespace Sift.EndToEnd.Tests.Guide;

/// <summary>The Connecting Calls guide, with its own Python, against the real server and real phones.</summary>
public sealed class GuideTests
{
    private const string Phone = "+15554443333";

    [Fact]
    public async Task Calls_a_phone_which_hears_speech_and_is_hung_up()
    {
        await using var server = await SiftServer.StartAsync();
        await using var application = await FlaskApplication.StartAsync(Repository.Sample("connecting-calls/server.py"));
        await using var phone = await BaresipPhone.RegisterAsync(server, Phone);

        var applicationId = await RunAsync(server, application, "create_application.py");
        Assert.Matches("^[0-9a-f]{16}$", applicationId);

        var connection = await RunAsync(server, application, "call_phone.py");
        var finished = await server.ConnectionInAsync(connection, "finished", TimeSpan.FromSeconds(30));
        Assert.Equal("outgoing", (string?)finished["direction"]);
        Assert.Equal(Phone, (string?)finished["to"]);

        var heard = await phone.HeardAsync();
        Assert.True(heard.SoundsLikeSpeech(), $"not speech: {heard.Duration}, level {heard.Level():F4}, sounding {heard.Sounding()}");
        Assert.InRange(heard.Sounding().TotalSeconds, 2.0, 7.0);

        await Eventually.True(
            () => application.StatusesSeen("/say_hello").SequenceEqual(["connecting", "connected", "finished"]),
            TimeSpan.FromSeconds(10),
            () => $"say_hello saw {string.Join(", ", application.StatusesSeen("/say_hello"))}\n{server.Output}");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Forwards_a_call_to_a_number_and_either_side_ends_both(bool callerHangsUp)
    {
        await using var server = await SiftServer.StartAsync();
        await using var application = await FlaskApplication.StartAsync(Repository.Sample("connecting-calls/server.py"));
        await using var callee = await BaresipPhone.RegisterAsync(server, Phone, tone: 700, answer: false);
        await using var caller = await BaresipPhone.RegisterAsync(server, "+15557770001", tone: 1100);
        var applicationId = await RunAsync(server, application, "create_application.py");
        var number = await RunAsync(server, application, "register_number.py", applicationId);
        Assert.StartsWith("+1", number);

        await caller.DialAsync($"sip:{number}@127.0.0.1:{server.SipPort}");
        await callee.WaitForOutputAsync("Incoming call");
        await Task.Delay(3000);
        await callee.AnswerAsync();
        await Task.Delay(3000);
        await (callerHangsUp ? caller : callee).HangUpAsync();

        var connections = (await server.GetAsync("connections"))["results"]!.AsArray();
        Assert.Equal(2, connections.Count);
        foreach (var connection in connections)
        {
            await server.ConnectionInAsync((string)connection!["connection_id"]!, "finished");
        }

        var heardByCaller = await caller.HeardAsync();
        var ringback = heardByCaller.Slice(heardByCaller.FirstSound()!.Value, TimeSpan.FromSeconds(1.4));
        Assert.True(ringback.Share(440) > 0.3 && ringback.Share(480) > 0.3, $"ringback: 440 Hz {ringback.Share(440):F2}, 480 Hz {ringback.Share(480):F2}");

        var talk = heardByCaller.Slice(heardByCaller.Duration - TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(1.5));
        Assert.True(talk.Share(700) > 0.8, $"the caller hears 700 Hz: {talk.Share(700):F2} at level {talk.Level():F3}");
        var heardByCallee = await callee.HeardAsync();
        var answer = heardByCallee.Slice(heardByCallee.Duration - TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(1.5));
        Assert.True(answer.Share(1100) > 0.8, $"the callee hears 1100 Hz: {answer.Share(1100):F2} at level {answer.Level():F3}");
    }

    private static async Task<string> RunAsync(SiftServer server, FlaskApplication application, string script, params string[] arguments)
    {
        await using var program = ExternalProgram.Start(
            "/usr/bin/python3",
            [Repository.Sample($"connecting-calls/{script}"), .. arguments],
            environment: new Dictionary<string, string?>
            {
                ["SIFT_API"] = $"{server.BaseUrl}/v0",
                ["SIFT_ACCOUNT_ID"] = SiftServer.AccountId,
                ["SIFT_AUTH_TOKEN"] = SiftServer.AuthToken,
                ["OUR_SERVER"] = application.Url,
            });
        var code = await program.WaitForExitAsync(TimeSpan.FromSeconds(20));
        Assert.True(code == 0, $"{script} failed:\n{program.Output}\n{server.Output}");
        return program.Output.Trim();
    }
}
