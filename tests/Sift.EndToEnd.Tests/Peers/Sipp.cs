using System.Globalization;
using System.Text.RegularExpressions;

namespace Sift.EndToEnd.Tests.Peers;

/// <summary>Runs sipp scenarios, built-in or from <c>Scenarios/</c>.</summary>
internal static partial class Sipp
{
    /// <summary>Runs to the end and returns what it counted.</summary>
    public static async Task<SippResult> RunAsync(int remotePort, string user, TimeSpan limit, params string[] arguments)
    {
        await using var program = Start(remotePort, user, out var directory, arguments);
        await program.WaitForExitAsync(limit);
        return SippResult.Read(directory, program.Output);
    }

    /// <summary>Starts a scenario that goes on beside the test (a server, or a call that the test ends).</summary>
    public static ExternalProgram Start(int remotePort, string user, out string directory, params string[] arguments)
    {
        directory = TemporaryFolder.Create("sift-sipp-");
        return ExternalProgram.Start(
            "sipp",
            [$"127.0.0.1:{remotePort}", "-s", user, "-i", "127.0.0.1", "-trace_stat", "-stf", Path.Combine(directory, "stat.csv"),
             "-trace_err", "-error_file", Path.Combine(directory, "errors.log"), "-nostdin", .. arguments],
            Repository.Scenario(""));
    }

    internal sealed partial record SippResult(int Successful, int Failed, string Errors)
    {
        public static SippResult Read(string directory, string output)
        {
            var lines = File.ReadAllLines(Path.Combine(directory, "stat.csv"));
            var header = lines[0].Split(';');
            var last = lines[^1].Split(';');
            int Column(string name) => int.Parse(last[Array.IndexOf(header, name)], CultureInfo.InvariantCulture);
            var errors = Path.Combine(directory, "errors.log");
            var text = File.Exists(errors) ? File.ReadAllText(errors) : "";
            TemporaryFolder.Delete(directory);
            return new SippResult(Column("SuccessfulCall(C)"), Column("FailedCall(C)"), Ansi().Replace(text + output, ""));
        }

        [GeneratedRegex(@"\x1b\[[0-9;]*[A-Za-z]")]
        private static partial Regex Ansi();
    }
}
