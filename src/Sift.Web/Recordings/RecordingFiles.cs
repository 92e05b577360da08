using Sift.Media.Recording;
using Sift.Web.Hosting;

namespace Sift.Web.Recordings;

/// <summary>Where the sound of recordings lies: one file each, readable by the server alone.</summary>
internal sealed class RecordingFiles
{
    public RecordingFiles(SiftOptions options)
    {
        Directory = Path.GetFullPath(Path.Combine(options.DataDirectory, "recordings"));
        var created = System.IO.Directory.CreateDirectory(Directory);
        if (!OperatingSystem.IsWindows())
        {
            created.UnixFileMode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
        }
    }

    public string Directory { get; }

    /// <summary>Null when it is not (or no longer) on this machine.</summary>
    public FileStream? Open(string id)
    {
        try
        {
            return new FileStream(PathOf(id), FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, bufferSize: 64 * 1024, useAsync: true);
        }
        catch (Exception problem) when (problem is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    public void Delete(string id) => File.Delete(PathOf(id));

    private string PathOf(string id) => Path.Combine(Directory, id + CallRecorder.Complete);
}
