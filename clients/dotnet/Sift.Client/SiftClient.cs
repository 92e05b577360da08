using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace Sift.Client;

/// <summary>The REST API with one account's credentials. May be used from many threads.</summary>
public sealed class SiftClient
{
    private static readonly JsonSerializerOptions Wire = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    };

    private readonly HttpClient _http;
    private readonly AuthenticationHeaderValue _credentials;
    private readonly Uri _base;

    /// <param name="http">Sends the requests; stays the caller's.</param>
    /// <param name="accountId">The account id.</param>
    /// <param name="authToken">Its auth token.</param>
    /// <param name="baseAddress">Where the API is; null for <c>v0</c> at the address of <paramref name="http"/>.</param>
    public SiftClient(HttpClient http, string accountId, string authToken, Uri? baseAddress = null)
    {
        _http = http;
        _credentials = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{accountId}:{authToken}")));
        _base = baseAddress ?? new Uri(http.BaseAddress ?? throw new ArgumentException("A base address is needed.", nameof(baseAddress)), "v0");
    }

    /// <summary>Creates an application that asks a URL, or follows a fixed routine.</summary>
    public Task<Application> CreateApplicationAsync(string name, string? onIncoming = null, JsonArray? defaultRoutine = null, CancellationToken cancellationToken = default)
        => SendAsync<Application>(HttpMethod.Post, "applications", new { name, on_incoming = onIncoming, default_routine = defaultRoutine }, null, cancellationToken);

    /// <summary>Places a call.</summary>
    /// <param name="call">Whom to call, and what then.</param>
    /// <param name="idempotencyKey">A repeated request with the same key places no second call; null for a new key.</param>
    /// <param name="cancellationToken">Ends the wait, not the call.</param>
    public Task<Connection> PlaceCallAsync(NewCall call, string? idempotencyKey = null, CancellationToken cancellationToken = default)
        => SendAsync<Connection>(HttpMethod.Post, "connections", call, idempotencyKey ?? Guid.NewGuid().ToString("N"), cancellationToken);

    /// <summary>A connection as it is now.</summary>
    public Task<Connection> GetConnectionAsync(string connectionId, CancellationToken cancellationToken = default)
        => SendAsync<Connection>(HttpMethod.Get, $"connections/{Uri.EscapeDataString(connectionId)}", null, null, cancellationToken);

    /// <summary>All connections, newest first, fetched page by page.</summary>
    public IAsyncEnumerable<Connection> ListConnectionsAsync(CancellationToken cancellationToken = default) => PagesAsync<Connection>("connections", cancellationToken);

    /// <summary>Hangs up.</summary>
    public Task<Connection> HangUpAsync(string connectionId, CancellationToken cancellationToken = default)
        => SendAsync<Connection>(HttpMethod.Patch, $"connections/{Uri.EscapeDataString(connectionId)}", new { status = "finished" }, null, cancellationToken);

    /// <summary>Replaces what the connection is doing.</summary>
    public Task<Connection> RunAsync(string connectionId, JsonArray routine, CancellationToken cancellationToken = default)
        => SendAsync<Connection>(HttpMethod.Patch, $"connections/{Uri.EscapeDataString(connectionId)}", new { routine }, null, cancellationToken);

    /// <summary>Numbers that can be registered.</summary>
    /// <param name="countryCode">ISO 3166-1 alpha-2.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public Task<IReadOnlyList<string>> AvailableNumbersAsync(string countryCode = "US", CancellationToken cancellationToken = default)
        => SendAsync<IReadOnlyList<string>>(HttpMethod.Get, $"availablenumbers/{Uri.EscapeDataString(countryCode)}", null, null, cancellationToken);

    /// <summary>Takes a number and binds it to an application.</summary>
    public Task<PhoneNumber> RegisterNumberAsync(string phoneNumber, string applicationId, CancellationToken cancellationToken = default)
        => SendAsync<PhoneNumber>(HttpMethod.Post, "phonenumbers", new { phone_number = phoneNumber, application_id = applicationId }, Guid.NewGuid().ToString("N"), cancellationToken);

    /// <summary>The account's numbers.</summary>
    public IAsyncEnumerable<PhoneNumber> ListPhoneNumbersAsync(CancellationToken cancellationToken = default) => PagesAsync<PhoneNumber>("phonenumbers", cancellationToken);

    private async IAsyncEnumerable<T> PagesAsync<T>(string path, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        for (string? next = path; next is not null;)
        {
            var page = await SendAsync<Page<T>>(HttpMethod.Get, next, null, null, cancellationToken).ConfigureAwait(false);
            foreach (var item in page.Results)
            {
                yield return item;
            }

            next = page.Next;
        }
    }

    private async Task<T> SendAsync<T>(HttpMethod method, string path, object? body, string? idempotencyKey, CancellationToken cancellationToken)
    {
        // A page names the next one by its whole address; credentials go to the server's own only.
        var uri = Uri.TryCreate(path, UriKind.Absolute, out var absolute) && absolute.Scheme.StartsWith("http", StringComparison.Ordinal)
            ? new Uri(_base, absolute.PathAndQuery)
            : new Uri($"{_base.ToString().TrimEnd('/')}/{path}");
        using var request = new HttpRequestMessage(method, uri);
        request.Headers.Authorization = _credentials;
        if (idempotencyKey is not null)
        {
            request.Headers.Add("Idempotency-Key", idempotencyKey);
        }

        if (body is not null)
        {
            request.Content = JsonContent.Create(body, body.GetType(), options: Wire);
        }

        using var response = await _http.SendAsync(request, cancellationToken).ConfigureAwait(false);
        if (!response.IsSuccessStatusCode)
        {
            throw await ProblemAsync(response, cancellationToken).ConfigureAwait(false);
        }

        return await response.Content.ReadFromJsonAsync<T>(Wire, cancellationToken).ConfigureAwait(false)
            ?? throw new SiftException((int)response.StatusCode, "The server answered with nothing.", new Dictionary<string, string[]>());
    }

    private static async Task<SiftException> ProblemAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        Problem? problem = null;
        try
        {
            problem = await response.Content.ReadFromJsonAsync<Problem>(Wire, cancellationToken).ConfigureAwait(false);
        }
        catch (JsonException)
        {
            // Something between us and the server answered: the status must do.
        }

        return new SiftException((int)response.StatusCode, problem?.Detail ?? problem?.Title ?? response.ReasonPhrase ?? "The request failed.", problem?.Errors ?? []);
    }

    private sealed record Page<T>(IReadOnlyList<T> Results, string? Next);

    private sealed record Problem(string? Title, string? Detail, Dictionary<string, string[]>? Errors);
}
