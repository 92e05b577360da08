using Sift.Activities.Calls;
using Sift.Media.Speech.Workers;
using Sift.Web.Accounts;
using Sift.Web.PhoneNumbers;
using Sift.Web.Storage;
using Sift.Web.Workflows;
using Sift.Workflows.Activities;
using Sift.Workflows.Engine;

namespace Sift.Web.Hosting;

/// <summary>The commands other than serving.</summary>
internal static class CommandLine
{
    private const string Usage = """
        sift [serve]        runs the server (settings: docs/configuration.md)
        sift accounts …     creates, lists, disables and enables accounts, rotates tokens
        sift numbers …      imports, lists and removes numbers on sale
        sift replay …       compares what an instance did with what another version would have done
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
                return await OperateAsync((services, console, errors) => AccountCommands.RunAsync(services, rest, console, errors, CancellationToken.None));
            case ["numbers", .. var rest]:
                return await OperateAsync((services, console, errors) => NumberCommands.RunAsync(services, rest, console, errors, CancellationToken.None));
            case ["replay", .. var rest]:
                return await OperateAsync((services, console, errors) => ReplayCommand.RunAsync(services, rest, console, errors, CancellationToken.None));
            case ["--help" or "-h" or "help"]:
                await Console.Out.WriteLineAsync(string.Join(Environment.NewLine, Usage, AccountCommands.Usage, NumberCommands.Usage, ReplayCommand.Usage));
                return 0;
            case [var first, ..] when first.StartsWith('-'):
                return null;
            default:
                await Console.Error.WriteLineAsync(Usage);
                return 2;
        }
    }

    private static async Task<int> OperateAsync(Func<IServiceProvider, TextWriter, TextWriter, Task<int>> command)
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
        builder.Services.AddSingleton(new ActivityCatalog(CallActivities.All(configuration.Calls)));
        builder.Services.AddSingleton(provider => new WorkflowCore(provider.GetRequiredService<ActivityCatalog>()));
        builder.Services.AddSingleton<HistoryReplay>();
        using var host = builder.Build();
        return await command(host.Services, Console.Out, Console.Error);
    }
}
