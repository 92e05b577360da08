using System.Security.Claims;
using Sift.Web.Accounts;
using Sift.Web.Http;
using Sift.Web.Storage;

namespace Sift.Web.Workflows;

internal static class ListInstances
{
    public static void Map(IEndpointRouteBuilder routes) => routes.MapGet("/instances", HandleAsync)
        .WithName("ListInstances")
        .WithSummary("List instances")
        .WithDescription("Runs of workflows, newest first, narrowed by any of the filters.")
        .IsList(("workflow_id", "id of the workflow definition"), ("status", "running, waiting, finished, cancelled or faulted"), ("number", "E.164 number or webrtc:name at either end of the call"))
        .Produces<Page<InstanceObject>>()
        .ProducesProblems(400);

    private static async Task<IResult> HandleAsync(HttpContext http, ClaimsPrincipal user, InstanceList instances, CancellationToken cancellationToken)
    {
        var (page, problem) = Paging.Read(http.Request, "workflow_id", "status", "number");
        if (page is null)
        {
            return problem!;
        }

        string? status = null;
        string? subStatus = null;
        switch (http.Request.Query["status"].ToString())
        {
            case "":
                break;
            case "running":
                status = "Running";
                break;
            case "waiting":
                subStatus = "Suspended";
                break;
            case "finished":
                subStatus = "Finished";
                break;
            case "cancelled":
                subStatus = "Cancelled";
                break;
            case "faulted":
                subStatus = "Faulted";
                break;
            default:
                return Problems.Invalid("status", "must be running, waiting, finished, cancelled or faulted");
        }

        var workflow = http.Request.Query["workflow_id"].ToString();
        var number = http.Request.Query["number"].ToString();
        var rows = await instances.PageAsync(
            user.AccountId(), workflow.Length > 0 ? workflow : null, status, subStatus, number.Length > 0 ? number : null, page, cancellationToken);
        return TypedResults.Ok(Paging.ToPage(http, page, rows, row => row.Position, row => InstanceObject.Of(row.Summary)));
    }
}
