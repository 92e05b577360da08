namespace Sift.Web.Storage.Nodes;

/// <summary>A file that one process at a time can hold; the system lets it go when the process ends, however it ends.</summary>
internal static class SoleUse
{
    /// <exception cref="InvalidOperationException">Another process holds it; the message is the problem given.</exception>
    public static FileStream Of(string path, string problem)
    {
        try
        {
            return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException exception)
        {
            throw new InvalidOperationException(problem, exception);
        }
    }
}
