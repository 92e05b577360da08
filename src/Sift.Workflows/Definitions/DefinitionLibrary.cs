using System.Text.Json.Nodes;

namespace Sift.Workflows.Definitions;

/// <summary>
/// The rules about versions. A draft is the latest version and is overwritten by each save; what was published once is never changed, a
/// save after it makes the next version. At most one version of a flow is published.
/// </summary>
public sealed class DefinitionLibrary(IDefinitionStore store, DefinitionValidator validator, TimeProvider time)
{
    private readonly SemaphoreSlim _changing = new(1);

    public DefinitionValidator Validator => validator;

    /// <summary>Stores a draft, however incomplete. A definition without <c>definitionId</c> is a new flow.</summary>
    /// <exception cref="DefinitionFormatException">It is no definition, or its root can never run.</exception>
    /// <exception cref="DefinitionInvalidException">It is to be published and has errors; the draft is not stored.</exception>
    public Task<WorkflowDefinition> SaveAsync(JsonObject model, bool publish, CancellationToken cancellationToken) =>
        SaveAsync(model, publish, null, cancellationToken);

    /// <summary>As above, for an account.</summary>
    /// <exception cref="DefinitionForeignException">The flow belongs to somebody else.</exception>
    public Task<WorkflowDefinition> SaveAsync(JsonObject model, bool publish, string? accountId, CancellationToken cancellationToken) => ChangingAsync(
        async () =>
        {
            var given = WorkflowDefinition.Parse(model);
            var root = given.Json["root"]!["type"]!.ToString();
            if (root is not (Activities.Flow.Flowchart.TypeName or Activities.Flow.Sequence.TypeName))
            {
                throw new DefinitionFormatException($"The root must be a flowchart or a sequence, not '{root}'.");
            }

            var definitionId = given.DefinitionId.Length > 0 ? given.DefinitionId : NewId();
            var versions = await store.VersionsAsync(definitionId, cancellationToken).ConfigureAwait(false);
            var latest = versions.Count > 0 ? versions[^1] : null;
            if (latest is not null && latest.AccountId != accountId) throw new DefinitionForeignException(definitionId);
            var overwrites = latest is { IsFrozen: false };
            var draft = given.AsDraft().OwnedBy(accountId).With(
                ("id", overwrites ? latest!.Id : NewId()),
                ("definitionId", definitionId),
                ("version", latest is null ? 1 : overwrites ? latest.Version : latest.Version + 1),
                ("createdAt", overwrites ? latest!.Json["createdAt"]?.DeepClone() : time.GetUtcNow()),
                ("isLatest", true),
                ("isPublished", false));
            draft = WithoutNulls(draft);
            List<WorkflowDefinition> changed = overwrites || latest is null ? [] : [latest.With(("isLatest", false))];
            if (publish) draft = await PublishedAsync(draft, versions, changed, cancellationToken).ConfigureAwait(false);
            changed.Add(draft);
            await store.SaveAsync(changed, cancellationToken).ConfigureAwait(false);
            return draft;
        },
        cancellationToken);

    /// <summary>Publishes the latest version. Null when the flow is unknown; unchanged when it is published already.</summary>
    /// <exception cref="DefinitionInvalidException">It has errors.</exception>
    public Task<WorkflowDefinition?> PublishAsync(string definitionId, CancellationToken cancellationToken) => ChangingAsync<WorkflowDefinition?>(
        async () =>
        {
            var versions = await store.VersionsAsync(definitionId, cancellationToken).ConfigureAwait(false);
            if (versions.Count == 0) return null;
            if (versions[^1].IsPublished) return versions[^1];
            var changed = new List<WorkflowDefinition>();
            var published = await PublishedAsync(versions[^1], versions, changed, cancellationToken).ConfigureAwait(false);
            changed.Add(published);
            await store.SaveAsync(changed, cancellationToken).ConfigureAwait(false);
            return published;
        },
        cancellationToken);

    /// <summary>Takes the published version back; running instances go on. Null when none is published.</summary>
    public Task<WorkflowDefinition?> RetractAsync(string definitionId, CancellationToken cancellationToken) => ChangingAsync<WorkflowDefinition?>(
        async () =>
        {
            if (await store.FindPublishedAsync(definitionId, cancellationToken).ConfigureAwait(false) is not { } published) return null;
            var retracted = published.With(("isPublished", false));
            await store.SaveAsync([retracted], cancellationToken).ConfigureAwait(false);
            return retracted;
        },
        cancellationToken);

    /// <summary>Makes a new draft like an old version. Null when there is no such version.</summary>
    public async Task<WorkflowDefinition?> RevertAsync(string definitionId, int version, CancellationToken cancellationToken)
    {
        var versions = await store.VersionsAsync(definitionId, cancellationToken).ConfigureAwait(false);
        var old = versions.FirstOrDefault(candidate => candidate.Version == version);
        return old is null ? null : await SaveAsync(old.Json, publish: false, old.AccountId, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Makes sure that a version can be followed by instances although it was never published: it is never overwritten from now on, and
    /// the next save makes a new version. Null when there is no such version.
    /// </summary>
    /// <exception cref="DefinitionInvalidException">It has errors.</exception>
    public Task<WorkflowDefinition?> FreezeAsync(string versionId, CancellationToken cancellationToken) => ChangingAsync<WorkflowDefinition?>(
        async () =>
        {
            if (await store.FindVersionAsync(versionId, cancellationToken).ConfigureAwait(false) is not { IsFrozen: false } draft)
            {
                return await store.FindVersionAsync(versionId, cancellationToken).ConfigureAwait(false);
            }

            var frozen = (await ReadyAsync(draft, cancellationToken).ConfigureAwait(false)).AsFrozen();
            await store.SaveAsync([frozen], cancellationToken).ConfigureAwait(false);
            return frozen;
        },
        cancellationToken);

    /// <summary>Removes a flow with all its versions. False when it is unknown.</summary>
    public Task<bool> DeleteAsync(string definitionId, CancellationToken cancellationToken) => ChangingAsync(
        async () =>
        {
            var versions = await store.VersionsAsync(definitionId, cancellationToken).ConfigureAwait(false);
            await store.DeleteAsync([.. versions.Select(version => version.Id)], cancellationToken).ConfigureAwait(false);
            return versions.Count > 0;
        },
        cancellationToken);

    /// <summary>Removes one version; the one before it becomes the latest when it was. False when it is unknown.</summary>
    public Task<bool> DeleteVersionAsync(string versionId, CancellationToken cancellationToken) => ChangingAsync(
        async () =>
        {
            if (await store.FindVersionAsync(versionId, cancellationToken).ConfigureAwait(false) is not { } version) return false;
            var others = await store.VersionsAsync(version.DefinitionId, cancellationToken).ConfigureAwait(false);
            await store.DeleteAsync([versionId], cancellationToken).ConfigureAwait(false);
            if (version.IsLatest && others.LastOrDefault(other => other.Id != versionId) is { } before)
            {
                await store.SaveAsync([before.With(("isLatest", true))], cancellationToken).ConfigureAwait(false);
            }

            return true;
        },
        cancellationToken);

    /// <summary>
    /// Brings in a shipped definition: published at once, and again as a new version when its content has changed since. One that people
    /// have edited meanwhile is left alone.
    /// </summary>
    /// <returns>True when something was stored.</returns>
    public Task<bool> SeedAsync(WorkflowDefinition shipped, CancellationToken cancellationToken) => SeedAsync(shipped, null, cancellationToken);

    /// <summary>As above, into an account.</summary>
    public async Task<bool> SeedAsync(WorkflowDefinition shipped, string? accountId, CancellationToken cancellationToken)
    {
        var versions = await store.VersionsAsync(shipped.DefinitionId, cancellationToken).ConfigureAwait(false);
        if (versions.Count > 0)
        {
            var latest = versions[^1];
            if (!latest.IsReadonly || JsonNode.DeepEquals(latest.Json["root"], shipped.Json["root"])) return false;
        }

        await SaveAsync(shipped.Json, publish: true, accountId, cancellationToken).ConfigureAwait(false);
        return true;
    }

    private async ValueTask<WorkflowDefinition> PublishedAsync(
        WorkflowDefinition draft, IReadOnlyList<WorkflowDefinition> versions, List<WorkflowDefinition> changed, CancellationToken cancellationToken)
    {
        draft = await ReadyAsync(draft, cancellationToken).ConfigureAwait(false);
        foreach (var other in versions)
        {
            if (!other.IsPublished || other.Id == draft.Id) continue;
            var known = changed.FindIndex(candidate => candidate.Id == other.Id);
            if (known >= 0) changed[known] = changed[known].With(("isPublished", false));
            else changed.Add(other.With(("isPublished", false)));
        }

        return draft.With(("isPublished", true)).AsFrozen();
    }

    /// <summary>The draft as instances will follow it: with the flows it runs as steps inside, and without errors.</summary>
    private async ValueTask<WorkflowDefinition> ReadyAsync(WorkflowDefinition draft, CancellationToken cancellationToken)
    {
        var (expanded, missing) = await SubFlowExpansion.ExpandAsync(draft, store, cancellationToken).ConfigureAwait(false);
        IReadOnlyList<DefinitionProblem> problems = [.. missing, .. validator.Validate(expanded)];
        return problems.Any(problem => !problem.IsWarning) ? throw new DefinitionInvalidException(problems) : expanded;
    }

    /// <summary>Studio sends null for members of a new flow that it does not stand as null in an answer.</summary>
    private static WorkflowDefinition WithoutNulls(WorkflowDefinition definition)
    {
        foreach (var name in s_objects)
        {
            if (definition.Json[name] is null) definition = definition.With((name, new JsonObject()));
        }

        foreach (var name in s_lists)
        {
            if (definition.Json[name] is null) definition = definition.With((name, new JsonArray()));
        }

        return definition;
    }

    private async Task<T> ChangingAsync<T>(Func<Task<T>> change, CancellationToken cancellationToken)
    {
        await _changing.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            return await change().ConfigureAwait(false);
        }
        finally
        {
            _changing.Release();
        }
    }

    private static string NewId() => Convert.ToHexStringLower(System.Security.Cryptography.RandomNumberGenerator.GetBytes(8));

    private static readonly string[] s_objects = ["options", "customProperties"];
    private static readonly string[] s_lists = ["variables", "inputs", "outputs", "outcomes"];
}
