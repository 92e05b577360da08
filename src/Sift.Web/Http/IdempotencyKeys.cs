using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Serialization.Metadata;
using Sift.Media.Legs;
using Sift.Web.Storage;

namespace Sift.Web.Http;

/// <summary>
/// Makes POSTs repeatable: the first request with a key reserves the id of what it creates, in the database, before it creates it; a repetition
/// gets the stored answer, and one after a crash goes on with the reserved id, so that nothing is created twice.
/// </summary>
internal sealed class IdempotencyKeys(Database database, TimeProvider time)
{
    public const string HeaderName = "Idempotency-Key";
    public const int LongestKey = 255;

    public static readonly TimeSpan Lifetime = TimeSpan.FromHours(24);

    // With PostgreSQL another node may be at it: only after this time is its work taken for abandoned.
    private static readonly TimeSpan Abandoned = TimeSpan.FromSeconds(60);

    private readonly string owner = Ids.New();
    private readonly ConcurrentDictionary<string, Gate> gates = new(StringComparer.Ordinal);

    /// <summary>
    /// Runs <paramref name="create"/> with a fresh id, or once per key when the request has one. Created objects are answered with 201,
    /// <c>Location</c> and themselves; failures are not remembered, so they may be corrected under the same key.
    /// </summary>
    public async ValueTask<IResult> RunAsync<TResponse>(
        HttpContext http, string fingerprint, JsonTypeInfo<TResponse> type, Func<string, ValueTask<Creation<TResponse>>> create)
    {
        if (!http.Request.Headers.TryGetValue(HeaderName, out var header))
        {
            return Answer(http, await create(TimeOrderedId.New(time.GetUtcNow())), type, out _);
        }

        var key = header.ToString();
        if (key.Length is 0 or > LongestKey || header.Count > 1)
        {
            return Problems.Invalid(HeaderName, $"must be one value of 1 to {LongestKey} characters");
        }

        var scope = new Scope(http.User.FindFirst(System.Security.Claims.ClaimTypes.NameIdentifier)!.Value, http.Request.Path, key);
        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(fingerprint)));
        var gate = Enter(scope.ToString());
        try
        {
            await gate.Lock.WaitAsync(http.RequestAborted);
            try
            {
                return await RunAsync(http, scope, hash, type, create);
            }
            finally
            {
                gate.Lock.Release();
            }
        }
        finally
        {
            Leave(scope.ToString(), gate);
        }
    }

    private async ValueTask<IResult> RunAsync<TResponse>(HttpContext http, Scope scope, string hash, JsonTypeInfo<TResponse> type, Func<string, ValueTask<Creation<TResponse>>> create)
    {
        var now = time.GetUtcNow();
        await using var connection = await database.OpenAsync(http.RequestAborted);
        await connection.ExecuteAsync(
            "DELETE FROM idempotency_keys WHERE account_id = $1 AND route = $2 AND idempotency_key = $3 AND created_at < $4",
            http.RequestAborted, scope.AccountId, scope.Route, scope.Key, (now - Lifetime).UtcTicks);
        var resourceId = TimeOrderedId.New(time.GetUtcNow());
        var isNew = await connection.ExecuteAsync(
            "INSERT INTO idempotency_keys (account_id, route, idempotency_key, body_hash, resource_id, owner, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7) "
            + "ON CONFLICT (account_id, route, idempotency_key) DO NOTHING",
            http.RequestAborted, scope.AccountId, scope.Route, scope.Key, hash, resourceId, owner, now.UtcTicks) == 1;
        if (!isNew)
        {
            var known = await FindAsync(connection, scope, http.RequestAborted);
            if (known.Hash != hash)
            {
                return Problems.Of(StatusCodes.Status422UnprocessableEntity, $"The {HeaderName} was used before with another request body.", Problems.KeyReused);
            }

            if (known.Response is { } response)
            {
                http.Response.Headers["Idempotency-Replayed"] = "true";
                http.Response.Headers.Location = known.Location;
                return Results.Text(response, "application/json", Encoding.UTF8, StatusCodes.Status201Created);
            }

            if (known.Owner != owner && database.Kind == DatabaseKind.Postgres && now - known.CreatedAt < Abandoned)
            {
                http.Response.Headers.RetryAfter = "5";
                return Problems.Of(StatusCodes.Status409Conflict, $"Another request with this {HeaderName} is being carried out.");
            }

            resourceId = known.ResourceId;
        }

        var creation = await create(resourceId);
        var result = Answer(http, creation, type, out var body);

        // Not cancelled with the request: the object exists, its answer must be kept.
        await (body is null
            ? connection.ExecuteAsync(
                "DELETE FROM idempotency_keys WHERE account_id = $1 AND route = $2 AND idempotency_key = $3", CancellationToken.None, scope.AccountId, scope.Route, scope.Key)
            : connection.ExecuteAsync(
                "UPDATE idempotency_keys SET status_code = 201, location = $4, response = $5 WHERE account_id = $1 AND route = $2 AND idempotency_key = $3",
                CancellationToken.None, scope.AccountId, scope.Route, scope.Key, http.Response.Headers.Location.ToString(), body));
        return result;
    }

    private static IResult Answer<TResponse>(HttpContext http, Creation<TResponse> creation, JsonTypeInfo<TResponse> type, out string? body)
    {
        body = null;
        if (creation.Problem is { } problem)
        {
            return problem;
        }

        http.Response.Headers.Location = http.Absolute(creation.Path!);
        body = System.Text.Json.JsonSerializer.Serialize(creation.Value!, type);
        return Results.Text(body, "application/json", Encoding.UTF8, StatusCodes.Status201Created);
    }

    private static async ValueTask<Known> FindAsync(System.Data.Common.DbConnection connection, Scope scope, CancellationToken cancellationToken)
    {
        await using var command = connection.Command(
            "SELECT body_hash, resource_id, owner, location, response, created_at FROM idempotency_keys WHERE account_id = $1 AND route = $2 AND idempotency_key = $3",
            scope.AccountId, scope.Route, scope.Key);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken)
            ? new Known(reader.GetString(0), reader.GetString(1), reader.GetString(2), reader.TextOrNull(3), reader.TextOrNull(4), reader.Time(5))
            : throw new InvalidOperationException("The idempotency key was removed while it was used");
    }

    private Gate Enter(string key)
    {
        while (true)
        {
            var gate = gates.GetOrAdd(key, _ => new Gate());
            lock (gate)
            {
                if (gate.Users >= 0)
                {
                    gate.Users++;
                    return gate;
                }
            }
        }
    }

    private void Leave(string key, Gate gate)
    {
        lock (gate)
        {
            if (--gate.Users == 0)
            {
                gate.Users = -1;
                gates.TryRemove(key, out _);
            }
        }
    }

    private sealed record Scope(string AccountId, string Route, string Key);

    private sealed record Known(string Hash, string ResourceId, string Owner, string? Location, string? Response, DateTimeOffset CreatedAt);

    /// <summary>Lets one request per key through at a time; -1 users when it is no longer in the table.</summary>
    private sealed class Gate
    {
        public SemaphoreSlim Lock { get; } = new(1, 1);

        public int Users { get; set; }
    }
}

/// <summary>What came of a creation: the object and its path, or a problem.</summary>
internal sealed record Creation<T>(T? Value, string? Path, IResult? Problem);
