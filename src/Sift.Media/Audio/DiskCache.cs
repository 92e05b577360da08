namespace Sift.Media.Audio;

/// <summary>
/// Files by key under one folder, bounded in bytes, least recently read out first. Written to a temporary name and renamed, so that a
/// killed process leaves whole files only. Trouble with the disk is a miss, never an error.
/// </summary>
internal sealed class DiskCache(string? folder, long maxBytes, TimeProvider time)
{
    private readonly Lock _gate = new();
    private long _held = -1;

    public async Task<byte[]?> ReadAsync(string name, CancellationToken cancellationToken)
    {
        if (folder is null)
        {
            return null;
        }

        try
        {
            var path = Path.Combine(folder, name);
            var bytes = await File.ReadAllBytesAsync(path, cancellationToken).ConfigureAwait(false);
            File.SetLastWriteTimeUtc(path, time.GetUtcNow().UtcDateTime);
            return bytes;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    public async Task WriteAsync(string name, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        if (folder is null)
        {
            return;
        }

        try
        {
            Directory.CreateDirectory(folder);
            var temporary = Path.Combine(folder, $"{Guid.NewGuid():n}.tmp");
            await File.WriteAllBytesAsync(temporary, bytes, cancellationToken).ConfigureAwait(false);
            File.Move(temporary, Path.Combine(folder, name), overwrite: true);
            MakeRoom(bytes.Length);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // A full or read-only disk costs the cache, not the call.
        }
    }

    private void MakeRoom(long added)
    {
        lock (_gate)
        {
            _held = _held < 0 ? Files().Sum(file => file.Length) : _held + added;
            if (_held <= maxBytes)
            {
                return;
            }

            // Down to nine tenths, so that a full cache does not list its folder for every file.
            _held = 0;
            foreach (var file in Files().OrderByDescending(file => file.LastWriteTimeUtc))
            {
                if (_held + file.Length > maxBytes * 9 / 10)
                {
                    file.Delete();
                }
                else
                {
                    _held += file.Length;
                }
            }
        }
    }

    private IEnumerable<FileInfo> Files() => new DirectoryInfo(folder!).EnumerateFiles();
}
