namespace Sift.Media.Audio.Sounds;

/// <summary>A file's bytes with what is known about them, or why there are none.</summary>
internal readonly record struct FetchedSound(StoredSound? About, byte[]? Body, string? Error);

/// <summary>
/// Gets a file by URL through the client it was given, keeping a copy on disk: fresh copies are used as they are, others are asked about
/// with their validators, and a server in trouble gets the benefit of a stale copy.
/// </summary>
internal sealed class SoundFetch(HttpMessageInvoker client, SoundOptions options, TimeProvider time)
{
    private readonly DiskCache _disk = new(options.CacheDirectory, options.DiskCacheBytes, time);

    public async Task<FetchedSound> GetAsync(Uri url, CancellationToken cancellationToken)
    {
        if (!url.IsAbsoluteUri || (url.Scheme != Uri.UriSchemeHttp && url.Scheme != Uri.UriSchemeHttps))
        {
            return new(null, null, "sound_url is not an http or https address");
        }

        var key = StoredSound.KeyOf(url);
        var (stored, body) = await LoadAsync(url, key, cancellationToken).ConfigureAwait(false);
        var now = time.GetUtcNow();
        if (stored is not null && now < stored.FreshUntil)
        {
            return new(stored, body, null);
        }

        var mayBeStale = stored is { MustRevalidate: false } && now < stored.FreshUntil + options.StaleIfError;
        using var late = new CancellationTokenSource(mayBeStale ? options.RevalidationDeadline : options.FetchDeadline, time);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(late.Token, cancellationToken);
        string error;
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, url);
            request.Headers.TryAddWithoutValidation("Accept", "audio/wav, audio/x-wav, audio/mpeg, */*;q=0.1");
            stored?.AddValidators(request.Headers);
            using var response = await client.SendAsync(request, stop.Token).ConfigureAwait(false);
            var status = (int)response.StatusCode;
            switch (status)
            {
                case 304 when stored is not null:
                    var renewed = stored.Renewed(response, time.GetUtcNow());
                    await _disk.WriteAsync(key + ".json", renewed.ToJson(), stop.Token).ConfigureAwait(false);
                    return new(renewed, body, null);
                case 200:
                    return await TakeAsync(url, key, response, stop.Token).ConfigureAwait(false);
                case >= 300 and < 400:
                    return new(null, null, $"sound_url answered {status}; redirects are not followed");
                case < 500:
                    return new(null, null, $"sound_url answered {status}");
                default:
                    error = $"sound_url answered {status}";
                    break;
            }
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            error = $"sound_url cannot be fetched: {e.Message}";
        }
        catch (OperationCanceledException) when (late.IsCancellationRequested)
        {
            error = "sound_url did not answer in time";
        }

        return mayBeStale ? new(stored, body, null) : new(null, null, error);
    }

    private async Task<(StoredSound?, byte[]?)> LoadAsync(Uri url, string key, CancellationToken cancellationToken)
    {
        var about = await _disk.ReadAsync(key + ".json", cancellationToken).ConfigureAwait(false) is { } json ? StoredSound.FromJson(json) : null;
        var body = about is null ? null : await _disk.ReadAsync(key + ".body", cancellationToken).ConfigureAwait(false);
        // The two files are written one after the other; a copy that does not match is none.
        return about is not null && body is not null && about.Url == url.AbsoluteUri
            && about.BodyHash == Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(body))
            ? (about, body)
            : (null, null);
    }

    private async Task<FetchedSound> TakeAsync(Uri url, string key, HttpResponseMessage response, CancellationToken cancellationToken)
    {
        var body = await BoundedBody.ReadAsync(response.Content, options.MaxFileBytes, cancellationToken).ConfigureAwait(false);
        if (body is null)
        {
            return new(null, null, $"the sound is larger than {options.MaxFileBytes / 1024 / 1024} MiB");
        }

        var about = StoredSound.From(url, response, body, time.GetUtcNow());
        if (response.Headers.CacheControl is not { NoStore: true })
        {
            await _disk.WriteAsync(key + ".body", body, cancellationToken).ConfigureAwait(false);
            await _disk.WriteAsync(key + ".json", about.ToJson(), cancellationToken).ConfigureAwait(false);
        }

        return new(about, body, null);
    }
}
