using Sift.EndToEnd.Tests.Peers;

namespace Sift.EndToEnd.Tests.Browser;

/// <summary>The Python client: its own tests, and its calls against the server.</summary>
public sealed class PythonClientTests
{
    private static string Client => Path.Combine(Repository.Root, "clients", "python");

    [Fact]
    public async Task Passes_its_own_tests()
    {
        await using var program = ExternalProgram.Start("/usr/bin/python3", ["-m", "unittest", "discover", "-s", "tests"], Client);

        var code = await program.WaitForExitAsync(TimeSpan.FromSeconds(60));

        Assert.True(code == 0 && program.Output.Contains("OK", StringComparison.Ordinal), program.Output);
    }

    [Fact]
    public async Task Its_calls_reach_the_API()
    {
        await using var server = await SiftServer.StartAsync();
        await using var program = ExternalProgram.Start(
            "/usr/bin/python3",
            ["-c", """
                import os, sys
                import sift
                account, token, base = sys.argv[1:]
                client = sift.Client(account, token, base)
                application = client.create_application('python', default_routine=[{'name': 'HangUp'}])
                number = client.available_numbers('US')[0]
                client.register_number(number, application['application_id'])
                assert number in [n['phone_number'] for n in client.phone_numbers()]
                first = client.call('+15550100003', routine=[{'name': 'HangUp'}], idempotency_key='once')
                again = client.call('+15550100003', routine=[{'name': 'HangUp'}], idempotency_key='once')
                assert first['connection_id'] == again['connection_id']
                client.run(first['connection_id'], [{'name': 'Say', 'text': 'Hello.'}])
                client.hang_up(first['connection_id'])
                assert [c['connection_id'] for c in client.connections()] == [first['connection_id']]
                try:
                    client.call('5551234', status_url='https://example.com')
                except sift.SiftError as error:
                    assert error.status == 400 and 'phone_number' in error.errors, error
                else:
                    raise AssertionError('a bad number was taken')
                print('DONE')
                """, SiftServer.AccountId, SiftServer.AuthToken, $"{server.BaseUrl}/v0"],
            environment: new Dictionary<string, string?> { ["PYTHONPATH"] = Path.Combine(Client, "src"), ["PYTHONDONTWRITEBYTECODE"] = "1" });

        var code = await program.WaitForExitAsync(TimeSpan.FromSeconds(60));

        Assert.True(code == 0 && program.Output.Contains("DONE", StringComparison.Ordinal), $"{program.Output}\n{server.Output}");
    }
}
