namespace Sift.Bench.Storage;

internal static class HistoryPart
{
    public static Task RunAsync(string title, Func<string, Task<string>> database) => Task.CompletedTask;
}
