using Sift.Media.Speech.Workers;

namespace Sift.Media.Tests.Speech;

/// <summary>The test assembly is its own speech worker, as the server's program is in production.</summary>
internal static class WorkerEntry
{
    public static int Main(string[] args) => args is [SpeechWorkerProgram.Verb, ..] ? SpeechWorkerProgram.Run(args) : 2;

    public static List<string> Command => ["dotnet", typeof(WorkerEntry).Assembly.Location];
}
