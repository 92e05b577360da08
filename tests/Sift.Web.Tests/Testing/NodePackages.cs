using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace Sift.Web.Tests.Testing;

/// <summary>The npm packages of the Node folder, restored once from its lock file.</summary>
internal static class NodePackages
{
    private static readonly Lazy<Task<string>> Restored = new(RestoreAsync);

    private static string Sources([CallerFilePath] string here = "") => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "..", "Node"));

    /// <summary>The directory that holds the scripts and their <c>node_modules</c>.</summary>
    public static Task<string> DirectoryAsync() => Restored.Value;

    /// <summary>Runs a script of the folder.</summary>
    public static async Task<(int ExitCode, string Error)> RunAsync(string script, string input)
    {
        using var process = Process.Start(new ProcessStartInfo("node", [Path.Combine(await DirectoryAsync(), script)]) { RedirectStandardInput = true, RedirectStandardError = true })!;
        await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        var error = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, error);
    }

    private static async Task<string> RestoreAsync()
    {
        var directory = Path.Combine(AppContext.BaseDirectory, "node");
        Directory.CreateDirectory(directory);
        foreach (var file in Directory.GetFiles(Sources()))
        {
            File.Copy(file, Path.Combine(directory, Path.GetFileName(file)), overwrite: true);
        }

        var stamp = Path.Combine(directory, "restored.json");
        var wanted = await File.ReadAllTextAsync(Path.Combine(directory, "package-lock.json"));
        if (!File.Exists(stamp) || await File.ReadAllTextAsync(stamp) != wanted)
        {
            var start = new ProcessStartInfo("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]) { WorkingDirectory = directory, RedirectStandardOutput = true };
            using var process = Process.Start(start)!;
            await process.StandardOutput.ReadToEndAsync();
            await process.WaitForExitAsync();
            Assert.True(process.ExitCode == 0, $"npm ci ended with {process.ExitCode}");
            await File.WriteAllTextAsync(stamp, wanted);
        }

        return directory;
    }
}
