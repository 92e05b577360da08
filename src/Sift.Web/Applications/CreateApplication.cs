using System.Security.Claims;
using Microsoft.EntityFrameworkCore;
using Sift.Web.Accounts;
using Sift.Web.Http;
using Sift.Web.Storage;
using Sift.Workflows.Definitions;

namespace Sift.Web.Applications;

internal static class CreateApplication
{
    public static void Map(IEndpointRouteBuilder routes) => routes.MapPost("/applications", HandleAsync)
        .WithName(nameof(CreateApplication))
        .WithSummary("Create an application")
        .WithDescription("An application decides what happens with incoming calls: on_incoming asks your server, default_routine is a fixed list of commands.")
        .AcceptsBody<ApplicationFields>()
        .Produces<ApplicationObject>(StatusCodes.Status201Created)
        .ProducesProblems(400, 413, 415);

    private static async Task<IResult> HandleAsync(
        HttpContext http,
        ClaimsPrincipal user,
        ApplicationFieldsValidator validator,
        IDbContextFactory<SiftDbContext> contexts,
        ChangeMarks changes,
        TimeProvider time,
        IDefinitionStore definitions,
        CancellationToken cancellationToken)
    {
        var body = await RequestBody.ReadAsync(http, ApiJson.Wire.ApplicationFields, validator, ApplicationFields.CheckWhole);
        if (body.Value is not { } fields)
        {
            return body.Problem!;
        }

        if (fields.WorkflowId is { } workflow && !await definitions.IsPublishedForAsync(user.AccountId(), workflow, cancellationToken))
        {
            return Problems.Invalid("workflow_id", WorkflowReferences.NotPublished);
        }

        var now = time.GetUtcNow();
        var row = new ApplicationRow { Id = Ids.New(), AccountId = user.AccountId(), Name = fields.Name!, Answer = Answers.Immediately, CreatedAt = now, UpdatedAt = now };
        fields.ApplyTo(row, null);
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        context.Applications.Add(row);
        await context.SaveChangesAsync(cancellationToken);
        await changes.RaiseAsync(ChangeTopic.Numbers, CancellationToken.None);
        return TypedResults.Created(http.Absolute($"/v0/applications/{row.Id}"), ApplicationObject.From(row, []));
    }
}
