using Sift.Workflows.Definitions;

namespace Sift.Web.Storage;

/// <summary>Whether what names a workflow definition names one that can run.</summary>
internal static class WorkflowReferences
{
    public const string NotPublished = "is not the id of a published workflow definition of this account";

    public static async ValueTask<bool> IsPublishedForAsync(this IDefinitionStore definitions, string accountId, string definitionId, CancellationToken cancellationToken)
        => await definitions.FindPublishedAsync(definitionId, cancellationToken) is { } published && (published.AccountId is null || published.AccountId == accountId);
}
