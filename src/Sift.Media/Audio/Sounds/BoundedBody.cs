namespace Sift.Media.Audio.Sounds;

/// <summary>Reads a response body up to a limit.</summary>
internal static class BoundedBody
{
    /// <summary>The body; null when it is larger than <paramref name="limit"/>, announced or not.</summary>
    public static async Task<byte[]?> ReadAsync(HttpContent content, int limit, CancellationToken cancellationToken)
    {
        if (content.Headers.ContentLength > limit)
        {
            return null;
        }

        using var stream = await content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        using var all = new MemoryStream();
        var block = new byte[32 * 1024];
        int n;
        while ((n = await stream.ReadAsync(block, cancellationToken).ConfigureAwait(false)) > 0)
        {
            if (all.Length + n > limit)
            {
                return null;
            }

            all.Write(block, 0, n);
        }

        return all.ToArray();
    }
}
