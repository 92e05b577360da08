namespace Sift.Bench.Storage;

internal static class LookPart
{
    public static Task RunAsync(string title, Store store) => Task.CompletedTask;
}
