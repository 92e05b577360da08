using System.Text.Json.Serialization;
using Microsoft.AspNetCore.WebUtilities;

namespace Sift.Web.Http;

/// <summary>A problem as RFC 9457 has it.</summary>
/// <param name="Type">Names the kind of problem; <c>about:blank</c> when the status says it all.</param>
internal sealed record Problem(string Type, string Title, int Status, string? Detail)
{
    /// <summary>What is wrong with each field of the request, all of them at once.</summary>
    public IReadOnlyDictionary<string, string[]>? Errors { get; init; }
}

/// <summary>The answers of requests that failed.</summary>
internal static class Problems
{
    public const string InvalidRequest = "urn:sift:problem:invalid-request";
    public const string KeyReused = "urn:sift:problem:idempotency-key-reused";

    public static IResult Of(int status, string detail, string? type = null)
        => new ProblemResult(new Problem(type ?? "about:blank", ReasonPhrases.GetReasonPhrase(status), status, detail));

    public static IResult NotFound(string what) => Of(StatusCodes.Status404NotFound, $"There is no such {what}.");

    /// <summary>400 that names every bad field.</summary>
    public static IResult Invalid(IReadOnlyDictionary<string, string[]> errors)
        => new ProblemResult(new Problem(InvalidRequest, "The request is not valid", StatusCodes.Status400BadRequest, Summary(errors)) { Errors = errors });

    public static IResult Invalid(string field, string message) => Invalid(new Dictionary<string, string[]> { [field] = [message] });

    private static string Summary(IReadOnlyDictionary<string, string[]> errors)
        => string.Join("; ", errors.SelectMany(pair => pair.Value.Select(message => $"{pair.Key} {message}")));

    private sealed class ProblemResult(Problem problem) : IResult, IStatusCodeHttpResult
    {
        public int? StatusCode => problem.Status;

        public Task ExecuteAsync(HttpContext httpContext)
        {
            httpContext.Response.StatusCode = problem.Status;
            return httpContext.Response.WriteAsJsonAsync(problem, ApiJson.Wire.Problem, "application/problem+json", httpContext.RequestAborted);
        }
    }
}
