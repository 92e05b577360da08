using System.Security.Claims;
using Sift.Web.Accounts;
using Sift.Workflows.Definitions;

namespace Sift.Web.Studio.Definitions;

internal static class RevertDefinition
{
    public static void Map(IEndpointRouteBuilder api) => api.MapPost("/workflow-definitions/{definitionId}/revert/{version:int}", HandleAsync);

    private static async Task<IResult> HandleAsync(string definitionId, int version, ClaimsPrincipal user, DefinitionLibrary library, DefinitionAnswers answers, CancellationToken cancellationToken) =>
        await answers.FindOwnAsync(user.AccountId(), definitionId, cancellationToken) is not null
        && await library.RevertAsync(definitionId, version, cancellationToken) is { } reverted
            ? StudioJson.Ok(DefinitionAnswers.Summary(reverted, user.AccountId()))
            : StudioJson.NotFound("version");
}
