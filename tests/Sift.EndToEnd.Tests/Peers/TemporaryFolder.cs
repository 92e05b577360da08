using System.Collections.Concurrent;

namespace Sift.EndToEnd.Tests.Peers;

/// <summary>Folders for programs run beside a test. Whoever made one deletes it; what a failed or killed test left goes when the run ends.</summary>
internal static class TemporaryFolder
{
    private static readonly ConcurrentBag<string> Made = [];

    static TemporaryFolder() => AppDomain.CurrentDomain.ProcessExit += static (_, _) =>
    {
        foreach (var folder in Made)
        {
            Delete(folder);
        }
    };

    public static string Create(string prefix)
    {
        var folder = Directory.CreateTempSubdirectory(prefix).FullName;
        Made.Add(folder);
        return folder;
    }

    /// <summary>Nothing happens when it is gone already, or when a program that is being killed still writes into it.</summary>
    public static void Delete(string folder)
    {
        try
        {
            Directory.Delete(folder, recursive: true);
        }
        catch (IOException)
        {
            // Tried again when the run ends.
        }
    }
}
