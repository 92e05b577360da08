using Sift.Web.Storage.Nodes;

namespace Sift.Web.Hosting;

/// <summary>
/// Keeps a second server out of the data directory: recordings under way there belong to one process, and a second would take them for the remains
/// of a crash.
/// </summary>
internal sealed class DataDirectoryLock(SiftOptions options) : IHostedService, IDisposable
{
    private FileStream? file;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(options.DataDirectory);
        file = SoleUse.Of(
            Path.Combine(options.DataDirectory, "server.lock"),
            $"Another Sift server uses the data directory {Path.GetFullPath(options.DataDirectory)}. Each server needs one of its own (Sift__DataDirectory); servers that share a database need copies of the same seal.key.");
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose() => file?.Dispose();
}
