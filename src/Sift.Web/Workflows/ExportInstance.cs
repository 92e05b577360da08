using System.Security.Claims;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Mvc;
using Sift.Web.Accounts;
using Sift.Web.Http;
using Sift.Web.Storage;

namespace Sift.Web.Workflows;

internal static class ExportInstance
{
    public static void Map(IEndpointRouteBuilder routes) => routes.MapGet("/instances/{instance_id}/export", HandleAsync)
        .WithName(nameof(ExportInstance))
        .WithSummary("Export an instance")
        .WithDescription("The ended instance as a file: the version it followed and its journal, with confidential digits masked. "
            + "The import of the call list in Studio takes it in on another server, to be looked at and replayed there.")
        .Produces<JsonObject>()
        .ProducesProblems(404, 409);

    private static async Task<IResult> HandleAsync([FromRoute(Name = "instance_id")] string id, ClaimsPrincipal user, InstanceReader instances, CancellationToken cancellationToken)
    {
        if (await instances.FindAsync(user.AccountId(), id, cancellationToken) is not { } file)
        {
            return Problems.NotFound("instance");
        }

        return file.Summary.FinishedAt is null
            ? Problems.Of(StatusCodes.Status409Conflict, "The instance has not ended.")
            : TypedResults.File(Encoding.UTF8.GetBytes(InstanceFiles.Write(file).ToJsonString()), "application/json", $"instance-{id}.json");
    }
}
