using Sift.Media.Speech.Workers;
using Sift.Web.Accounts;
using Sift.Web.Storage;

namespace Sift.Web.Hosting;

/// <summary>The commands other than serving.</summary>
internal static class CommandLine
{
    private const string Usage = """
        sift [serve]        runs the server (settings: docs/configuration.md)
        sift accounts …     creates, lists, disables and enables accounts, rotates tokens
        sift --version      prints the version
        """;

    /// <returns>The exit code, or null when the server shall run with the arguments left.</returns>
    public static async Task<int?> RunAsync(string[] arguments)
    {
        switch (arguments)
        {
            case [] or ["serve", ..]:
                return null;
            case ["--version"]:
                await Console.Out.WriteLineAsync(StartupBlock.Version);
                return 0;
            case [SpeechWorkerProgram.Verb, ..]:
                return SpeechWorkerProgram.Run(arguments);
            case ["accounts", .. var rest]:
                return await AccountsAsync(rest);
            case ["--help" or "-h" or "help"]:
                await Console.Out.WriteLineAsync(Usage + Environment.NewLine + AccountCommands.Usage);
                return 0;
            case [var first, ..] when first.StartsWith('-'):
                return null;
            default:
                await Console.Error.WriteLineAsync(Usage);
                return 2;
        }
    }

    private static async Task<int> AccountsAsync(string[] arguments)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Configuration.AddJsonFile("appsettings.json", optional: true).AddEnvironmentVariables();
        var configuration = Configuration.Read(builder.Configuration);
        if (configuration.Errors.Count > 0)
        {
            await Console.Error.WriteLineAsync(string.Join(Environment.NewLine, configuration.Errors));
            return 2;
        }

        builder.Services.AddSingleton(TimeProvider.System);
        builder.Services.AddSiftStorage(configuration.ConnectionString, configuration.Options.Retention);
        builder.Services.AddSiftAccounts(configuration.Options.DataDirectory);
        using var host = builder.Build();
        return await AccountCommands.RunAsync(host.Services, arguments, Console.Out, Console.Error, CancellationToken.None);
    }
}
