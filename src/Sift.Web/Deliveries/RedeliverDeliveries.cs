using System.ComponentModel;
using System.Globalization;
using System.Security.Claims;
using FluentValidation;
using Sift.Activities.Webhooks;
using Sift.Web.Accounts;
using Sift.Web.Http;

namespace Sift.Web.Deliveries;

/// <summary>Which deliveries to send once more.</summary>
internal sealed record RedeliveryFilter
{
    [Description("dead (default), aborted, expired or succeeded.")]
    public string? State { get; init; }

    [Description("Only of this kind.")]
    public string? Kind { get; init; }

    [Description("Only of this connection.")]
    public string? ConnectionId { get; init; }

    [Description("Only those caused at or after this time; ISO 8601.")]
    public string? CreatedAfter { get; init; }

    [Description("Only those caused before this time; ISO 8601.")]
    public string? CreatedBefore { get; init; }
}

internal sealed class RedeliveryFilterValidator : AbstractValidator<RedeliveryFilter>
{
    public RedeliveryFilterValidator()
    {
        RuleFor(filter => filter.State).Must(state => state is null or "dead" or "aborted" or "expired" or "succeeded").WithMessage("must be dead, aborted, expired or succeeded");
        RuleFor(filter => filter.CreatedAfter).Must(time => time is null || TimeOf(time) is not null).WithMessage("must be a time in ISO 8601");
        RuleFor(filter => filter.CreatedBefore).Must(time => time is null || TimeOf(time) is not null).WithMessage("must be a time in ISO 8601");
    }

    public static DateTimeOffset? TimeOf(string? text)
        => DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? time : null;
}

internal static class RedeliverDeliveries
{
    /// <summary>Deliveries taken up by one request.</summary>
    public const int Batch = 500;

    public static void Map(IEndpointRouteBuilder routes) => routes.MapPost("/deliveries/redeliver", HandleAsync)
        .WithName(nameof(RedeliverDeliveries))
        .WithSummary("Send many deliveries once more")
        .WithDescription($"Those that match the filter, oldest first, at most {Batch} by one request; more says whether to ask again.")
        .AcceptsBody<RedeliveryFilter>()
        .Produces<RedeliveryResult>(StatusCodes.Status202Accepted)
        .ProducesProblems(400, 413, 415);

    private static async Task<IResult> HandleAsync(HttpContext http, ClaimsPrincipal user, RedeliveryFilterValidator validator, DeliveryList deliveries, DeliveryPipeline pipeline, CancellationToken cancellationToken)
    {
        var body = await RequestBody.ReadAsync(http, DeliveryJson.Wire.RedeliveryFilter, validator);
        if (body.Value is not { } wanted)
        {
            return body.Problem!;
        }

        var filter = new DeliveryFilter(
            [ListDeliveries.StateOf(wanted.State ?? "dead")!.Value], wanted.Kind, wanted.ConnectionId, RedeliveryFilterValidator.TimeOf(wanted.CreatedAfter), RedeliveryFilterValidator.TimeOf(wanted.CreatedBefore));
        return TypedResults.Accepted((string?)null, await RunAsync(user.AccountId(), filter, deliveries, pipeline, cancellationToken));
    }

    public static async ValueTask<RedeliveryResult> RunAsync(string account, DeliveryFilter filter, DeliveryList deliveries, DeliveryPipeline pipeline, CancellationToken cancellationToken)
    {
        var ids = await deliveries.IdsAsync(account, filter, Batch + 1, cancellationToken);

        // All at once, so that one commit makes many durable.
        await Task.WhenAll(ids.Take(Batch).Select(id => pipeline.RedeliverAsync(id, cancellationToken).AsTask()));

        return new RedeliveryResult(Math.Min(ids.Count, Batch), ids.Count > Batch);
    }
}
