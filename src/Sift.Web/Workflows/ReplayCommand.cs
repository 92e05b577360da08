using System.Globalization;
using Sift.Web.Storage.Migrations;
using Sift.Workflows.Journal;

namespace Sift.Web.Workflows;

/// <summary>The operator's command <c>sift replay …</c>. Only reads; the server may be running.</summary>
internal static class ReplayCommand
{
    public const string Usage = """
        sift replay INSTANCE [--version N]             gives the instance's history to that version of its flow and lists every decision that differs
        """;

    /// <returns>The exit code: 0 every decision is the same, 1 some differ, 2 not understood or not there.</returns>
    public static async Task<int> RunAsync(IServiceProvider services, string[] arguments, TextWriter output, TextWriter errors, CancellationToken cancellationToken)
    {
        if (Read(arguments) is not var (instance, version))
        {
            await errors.WriteLineAsync(Usage);
            return 2;
        }

        await services.GetRequiredService<Migrator>().MigrateAsync(cancellationToken);
        if (await services.GetRequiredService<IJournalStore>().FindAsync(instance, cancellationToken) is not { } summary)
        {
            await errors.WriteLineAsync($"There is no instance {instance}.");
            return 2;
        }

        if (await services.GetRequiredService<HistoryReplay>().RunAsync(summary, version, cancellationToken) is not { } result)
        {
            await errors.WriteLineAsync($"There is no version {version ?? summary.Version} of the flow {summary.DefinitionId}.");
            return 2;
        }

        await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"Instance {instance} followed version {summary.Version} of {summary.DefinitionId}; replayed by version {result.Version}."));
        if (result.Same)
        {
            await output.WriteLineAsync("Every decision is the same.");
            return 0;
        }

        await TellAsync(result, output);
        return 1;
    }

    private static async Task TellAsync(ReplayObject result, TextWriter output)
    {
        var differences = result.Differences ?? [];
        await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{differences.Count} decision{(differences.Count == 1 ? " differs" : "s differ")}:"));
        foreach (var difference in differences)
        {
            await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{Environment.NewLine}  entry {difference.Sequence}  {difference.At}  {difference.NodeId}"));
            await output.WriteLineAsync($"    recorded:   {difference.Recorded ?? "–"}");
            await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"    version {result.Version,-3} {difference.Decided ?? "–"}"));
        }

        await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{Environment.NewLine}Recorded end: {result.RecordedEnd}. By version {result.Version}: {result.DecidedEnd}."));
    }

    private static (string Instance, int? Version)? Read(string[] arguments) => arguments switch
    {
        [var instance] when !instance.StartsWith('-') => (instance, null),
        [var instance, "--version", var text] when VersionOf(text) is { } version => (instance, version),
        ["--version", var text, var instance] when VersionOf(text) is { } version => (instance, version),
        _ => null,
    };

    private static int? VersionOf(string text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var version) ? version : null;
}
