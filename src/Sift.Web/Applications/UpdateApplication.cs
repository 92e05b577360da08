using System.Security.Claims;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;
using Sift.Web.Accounts;
using Sift.Web.Http;
using Sift.Web.Storage;
using Sift.Workflows.Definitions;

namespace Sift.Web.Applications;

internal static class UpdateApplication
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        foreach (var (method, what) in new[] { ("PATCH", "Change"), ("POST", "Change"), ("PUT", "Replace") })
        {
            routes.MapMethods("/applications/{app_id}", [method], HandleAsync)
                .WithName($"{what}Application{(method == "POST" ? "ByPost" : "")}")
                .WithSummary($"{what} an application")
                .WithDescription(method == "PUT"
                    ? "Sets every field; those left out are unset."
                    : "Sets the fields that are sent and leaves the others; null (an empty value in a form) unsets one. Calls that are up go on as they began.")
                .AcceptsBody<ApplicationFields>()
                .Produces<ApplicationObject>()
                .ProducesProblems(400, 404, 413, 415);
        }
    }

    private static async Task<IResult> HandleAsync(
        HttpContext http,
        [FromRoute(Name = "app_id")] string id,
        ClaimsPrincipal user,
        ApplicationFieldsValidator validator,
        IDbContextFactory<SiftDbContext> contexts,
        ChangeMarks changes,
        TimeProvider time,
        IDefinitionStore definitions,
        CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var account = user.AccountId();
        if (await context.Applications.FirstOrDefaultAsync(row => row.Id == id && row.AccountId == account, cancellationToken) is not { } row)
        {
            return Problems.NotFound("application");
        }

        var whole = HttpMethods.IsPut(http.Request.Method);
        var body = await RequestBody.ReadAsync(http, ApiJson.Wire.ApplicationFields, validator, whole ? ApplicationFields.CheckWhole : null);
        if (body.Value is not { } fields)
        {
            return body.Problem!;
        }

        if (!whole && fields.Name is null && body.Present.Contains("name"))
        {
            return Problems.Invalid("name", "cannot be unset");
        }

        if (fields.WorkflowId is { } workflow && !await definitions.IsPublishedForAsync(account, workflow, cancellationToken))
        {
            return Problems.Invalid("workflow_id", WorkflowReferences.NotPublished);
        }

        fields.ApplyTo(row, whole ? null : body.Present);
        if (row is { OnIncoming: null, DefaultRoutine: null, WorkflowId: null })
        {
            return Problems.Invalid("on_incoming", ApplicationFields.NoInstructions);
        }

        row.UpdatedAt = time.GetUtcNow();
        await context.SaveChangesAsync(cancellationToken);
        await changes.RaiseAsync(ChangeTopic.Numbers, CancellationToken.None);
        return TypedResults.Ok(ApplicationObject.From(row, await BoundNumbers.OfAsync(context, id, cancellationToken)));
    }
}
