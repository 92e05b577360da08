using System.ComponentModel;
using System.Security.Claims;
using FluentValidation;
using Microsoft.AspNetCore.Mvc;
using Sift.Web.Hosting;
using Sift.Web.Http;
using Sift.Web.Storage;

namespace Sift.Web.Accounts;

/// <summary>An account as its operator sees it.</summary>
internal sealed record AccountObject(
    [property: Description("Unique id, 16 hex digits; the user name of HTTP Basic.")] string AccountId,
    string Name,
    [property: Description("active or disabled.")] string Status,
    [property: Description("When it was made; ISO 8601, UTC.")] string CreatedAt)
{
    [Description("The auth token. Given once, by the request that makes it.")]
    public string? AuthToken { get; init; }

    public static AccountObject Of(AccountRow row, string? token = null)
        => new(row.Id, row.Name, row.Enabled ? "active" : "disabled", Activities.Connections.ConnectionJson.FormatTime(row.CreatedAt)) { AuthToken = token };
}

/// <summary>An account to make.</summary>
internal sealed record NewAccount
{
    [Description("For people.")]
    public string? Name { get; init; }
}

internal sealed class NewAccountValidator : AbstractValidator<NewAccount>
{
    public NewAccountValidator() => RuleFor(account => account.Name).Cascade(CascadeMode.Stop).Required().MaximumLength(200).WithMessage("must have at most 200 characters");
}

/// <summary>Accounts, for the operator; an account's own token, for itself too.</summary>
internal static class AccountRoutes
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/accounts", ListAsync).WithName("ListAccounts").WithSummary("List accounts").WithDescription("For the operator’s account, which is the first one.")
            .Produces<Page<AccountObject>>().ProducesProblems(403);
        routes.MapPost("/accounts", CreateAsync).WithName("CreateAccount").WithSummary("Make an account").WithDescription("The answer holds its auth token, once.")
            .AcceptsBody<NewAccount>().Produces<AccountObject>(StatusCodes.Status201Created).ProducesProblems(400, 403, 413, 415);
        routes.MapPost("/accounts/{account_id}/token", RotateAsync).WithName("RotateAccountToken").WithSummary("Give an account a new auth token")
            .WithDescription("The old one is worthless at once, and everybody who signed in with it is signed out. The operator may do it for every account, everybody else for their own.")
            .Produces<AccountObject>().ProducesProblems(403, 404, 409);
        routes.MapPost("/accounts/{account_id}/disable", (string account_id, HttpContext http, AccountStore accounts) => SetAsync(account_id, false, http, accounts)).WithName("DisableAccount")
            .WithSummary("Refuse an account’s requests and calls").Produces<AccountObject>().ProducesProblems(403, 404, 409);
        routes.MapPost("/accounts/{account_id}/enable", (string account_id, HttpContext http, AccountStore accounts) => SetAsync(account_id, true, http, accounts)).WithName("EnableAccount")
            .WithSummary("Take an account’s requests and calls again").Produces<AccountObject>().ProducesProblems(403, 404, 409);
    }

    private static async Task<IResult> ListAsync(HttpContext http, AccountStore accounts, CancellationToken cancellationToken)
        => IsOperator(http) ? TypedResults.Ok(new Page<AccountObject>(null, null, [.. (await accounts.ListAsync(cancellationToken)).Select(row => AccountObject.Of(row))])) : Refused();

    private static async Task<IResult> CreateAsync(HttpContext http, NewAccountValidator validator, AccountStore accounts, CancellationToken cancellationToken)
    {
        if (!IsOperator(http))
        {
            return Refused();
        }

        var body = await RequestBody.ReadAsync(http, ApiJson.Wire.NewAccount, validator);
        if (body.Value is not { } wanted)
        {
            return body.Problem!;
        }

        var (id, token) = (await accounts.CreateAsync(wanted.Name!, null, null, cancellationToken))!.Value;
        return TypedResults.Created((string?)null, await ShownAsync(accounts, id, token, cancellationToken));
    }

    private static async Task<IResult> RotateAsync([FromRoute(Name = "account_id")] string id, HttpContext http, ClaimsPrincipal user, AccountStore accounts, SiftOptions options, CancellationToken cancellationToken)
    {
        if (!IsOperator(http) && id != user.AccountId())
        {
            return Refused();
        }

        if (id == options.Account.Id && options.Account.AuthToken is not null)
        {
            return Problems.Of(StatusCodes.Status409Conflict, "The token of this account is set by Sift__Account__AuthToken; change it there and restart the server.");
        }

        return await accounts.RotateTokenAsync(id, null, cancellationToken) is { } token
            ? TypedResults.Ok(await ShownAsync(accounts, id, token, cancellationToken))
            : Problems.NotFound("account");
    }

    private static async Task<IResult> SetAsync(string id, bool enabled, HttpContext http, AccountStore accounts)
    {
        if (!IsOperator(http))
        {
            return Refused();
        }

        if (!enabled && id == http.User.AccountId())
        {
            return Problems.Of(StatusCodes.Status409Conflict, "The operator’s account cannot disable itself: nobody could enable it again.");
        }

        return await accounts.SetEnabledAsync(id, enabled, http.RequestAborted) ? TypedResults.Ok(await ShownAsync(accounts, id, null, http.RequestAborted)) : Problems.NotFound("account");
    }

    private static async ValueTask<AccountObject> ShownAsync(AccountStore accounts, string id, string? token, CancellationToken cancellationToken)
        => AccountObject.Of((await accounts.ListAsync(cancellationToken)).First(row => row.Id == id), token);

    private static bool IsOperator(HttpContext http) => http.User.AccountId() == http.RequestServices.GetRequiredService<FirstAccount>().Id;

    private static IResult Refused() => Problems.Of(StatusCodes.Status403Forbidden, "Only the operator’s account, the first of this server, may do this.");
}
