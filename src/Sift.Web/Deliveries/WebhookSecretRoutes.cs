using System.ComponentModel;
using System.Security.Claims;
using FluentValidation;
using Microsoft.AspNetCore.Mvc;
using Sift.Web.Accounts;
using Sift.Web.Http;

namespace Sift.Web.Deliveries;

/// <summary>How a secret is replaced.</summary>
internal sealed record SecretRotation
{
    [Description("How long the former secret goes on signing beside the new one: 0 to 604800 seconds, 86400 when absent.")]
    public double? OverlapSeconds { get; init; }
}

internal sealed class SecretRotationValidator : AbstractValidator<SecretRotation>
{
    private const int Week = 7 * 24 * 3600;

    public SecretRotationValidator() => RuleFor(rotation => rotation.OverlapSeconds).Must(seconds => seconds is null or (>= 0 and <= Week)).WithMessage($"must be from 0 to {Week}");
}

/// <summary>The secrets that sign callbacks: list, create, rotate, revoke.</summary>
internal static class WebhookSecretRoutes
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/webhooksecrets", ListAsync)
            .WithName("ListWebhookSecrets")
            .WithSummary("List webhook secrets")
            .WithDescription("Those that sign callbacks now, newest first, without the secrets themselves.")
            .Produces<Page<WebhookSecretObject>>();
        routes.MapPost("/webhooksecrets", CreateAsync)
            .WithName("CreateWebhookSecret")
            .WithSummary("Create a webhook secret")
            .WithDescription("Callbacks are signed with it from now on, by the Standard Webhooks scheme. The secret is shown in this answer only. Two may be active.")
            .Produces<WebhookSecretObject>(StatusCodes.Status201Created)
            .ProducesProblems(409);
        routes.MapPost("/webhooksecrets/rotate", RotateAsync)
            .WithName("RotateWebhookSecret")
            .WithSummary("Replace the webhook secret")
            .WithDescription("Makes a new secret; the former one signs beside it until overlap_seconds have passed, then no more.")
            .AcceptsBody<SecretRotation>()
            .Produces<WebhookSecretObject>(StatusCodes.Status201Created)
            .ProducesProblems(400, 413, 415);
        routes.MapDelete("/webhooksecrets/{secret_id}", RevokeAsync)
            .WithName("RevokeWebhookSecret")
            .WithSummary("Revoke a webhook secret")
            .WithDescription("It signs nothing from now on. Without any secret callbacks go out unsigned.")
            .Produces(StatusCodes.Status204NoContent)
            .ProducesProblems(404);
    }

    private static async Task<IResult> ListAsync(ClaimsPrincipal user, WebhookSecretStore secrets, CancellationToken cancellationToken)
        => TypedResults.Ok(new Page<WebhookSecretObject>(null, null, (await secrets.ListAsync(user.AccountId(), cancellationToken)).ConvertAll(info => WebhookSecretObject.Of(info))));

    private static async Task<IResult> CreateAsync(HttpContext http, ClaimsPrincipal user, WebhookSecretStore secrets, CancellationToken cancellationToken)
        => await secrets.CreateAsync(user.AccountId(), cancellationToken) is { } created
            ? Created(http, created)
            : Problems.Of(StatusCodes.Status409Conflict, $"{WebhookSecretStore.MostActive} secrets are active already; rotate, or revoke one first.");

    private static async Task<IResult> RotateAsync(HttpContext http, ClaimsPrincipal user, SecretRotationValidator validator, WebhookSecretStore secrets, CancellationToken cancellationToken)
    {
        var body = await RequestBody.ReadAsync(http, DeliveryJson.Wire.SecretRotation, validator);
        return body.Value is not { } rotation
            ? body.Problem!
            : Created(http, await secrets.RotateAsync(user.AccountId(), rotation.OverlapSeconds is { } seconds ? TimeSpan.FromSeconds(seconds) : WebhookSecretStore.Overlap, cancellationToken));
    }

    private static async Task<IResult> RevokeAsync([FromRoute(Name = "secret_id")] string id, ClaimsPrincipal user, WebhookSecretStore secrets, CancellationToken cancellationToken)
        => await secrets.RevokeAsync(user.AccountId(), id, cancellationToken) ? TypedResults.NoContent() : Problems.NotFound("webhook secret");

    private static IResult Created(HttpContext http, (WebhookSecretInfo Info, string Secret) made)
    {
        http.Response.Headers.CacheControl = "no-store";
        return TypedResults.Created(http.Absolute($"/v0/webhooksecrets/{made.Info.Id}"), WebhookSecretObject.Of(made.Info, made.Secret));
    }
}
