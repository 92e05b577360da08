using System.Net.Http.Headers;
using Sift.Media.Audio;
using Sift.Media.Audio.Sounds;
using Sift.Media.Audio.Wav;

namespace Sift.Media.Speech.Http;

/// <summary>
/// An outside engine: <c>POST endpoint?voice=…&amp;language=…</c> with the sentence as <c>text/plain; charset=utf-8</c>; the answer is a wav
/// file. Uses the client it is given and makes none of its own.
/// </summary>
public sealed class HttpSpeechEngine(HttpSpeechOptions http, SpeechOptions options, HttpMessageInvoker client, TimeProvider time) : ISpeechEngine
{
    /// <inheritdoc/>
    public string Name => "http";

    /// <inheritdoc/>
    public IReadOnlyList<SpeechVoice> Voices { get; } = [.. http.Voices.Select(voice => new SpeechVoice(voice.Key, voice.Value, voice.Key))];

    /// <inheritdoc/>
    public string? Trouble => Voices.Count == 0 ? "Sift:Speech:Http lists no voices" : null;

    /// <inheritdoc/>
    public async Task<string?> SynthesizeAsync(SpeechVoice voice, string sentence, IPcmSink sink, CancellationToken cancellationToken)
    {
        using var late = new CancellationTokenSource(options.SentenceDeadline, time);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(late.Token, cancellationToken);
        var separator = http.Endpoint.Query.Length == 0 ? '?' : '&';
        using var request = new HttpRequestMessage(
            HttpMethod.Post, $"{http.Endpoint.AbsoluteUri}{separator}voice={Uri.EscapeDataString(voice.EngineVoice)}&language={Uri.EscapeDataString(voice.Language)}")
        {
            Content = new StringContent(sentence),
        };
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("audio/wav"));
        if (http.BearerToken is { } token)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        }

        try
        {
            using var response = await client.SendAsync(request, stop.Token).ConfigureAwait(false);
            if (!response.IsSuccessStatusCode)
            {
                return $"the speech engine answered {(int)response.StatusCode}";
            }

            var body = await BoundedBody.ReadAsync(response.Content, MaxBody, stop.Token).ConfigureAwait(false);
            if (body is null)
            {
                return "the speech engine's answer is too large";
            }

            if (!WavFile.TryParse(body, out var wav, out var error))
            {
                return $"the speech engine's answer {error}";
            }

            WavSamples.CopyTo(wav, sink);
            return null;
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            return $"the speech engine cannot be reached: {e.Message}";
        }
        catch (OperationCanceledException)
        {
            return late.IsCancellationRequested ? "the speech engine did not answer in time" : "cancelled";
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private const int MaxBody = 20 * 1024 * 1024;
}
