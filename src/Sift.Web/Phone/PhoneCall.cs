using Sift.Activities.Connections;
using Sift.Web.Browser;
using Sift.Web.Http;
using Sift.Web.Observability;
using Sift.Workflows.Definitions;
using Sift.Workflows.Journal;

namespace Sift.Web.Phone;

/// <summary>What has happened in a call since the step asked after.</summary>
/// <param name="Next">Ask after this one next time.</param>
internal sealed record PhoneSteps(IReadOnlyList<PhoneStep> Steps, long Next, bool Ended);

/// <summary>Shows a virtual phone the steps of a call that it takes part in, from the call's journal.</summary>
internal static class PhoneCall
{
    private const int MostSteps = 200;
    private const string Scheme = "Bearer ";

    public static void Map(IEndpointRouteBuilder routes)
        => routes.MapGet("/phone/calls/{connection_id}/steps", HandleAsync).AllowAnonymous().ExcludeFromDescription();

    private static async Task<IResult> HandleAsync(
        HttpContext http, [Microsoft.AspNetCore.Mvc.FromRoute(Name = "connection_id")] string id, long? after, CapabilityTokens tokens, IConnectionStore connections, IJournalStore journals, IDefinitionStore definitions, CancellationToken cancellationToken)
    {
        var authorization = (string?)http.Request.Headers.Authorization;
        var token = authorization?.StartsWith(Scheme, StringComparison.Ordinal) == true ? authorization[Scheme.Length..] : null;
        if ((await tokens.VerifyAsync(token)).Capability is not { PhoneNumber: { } number })
        {
            return Problems.Of(StatusCodes.Status401Unauthorized, "Give the phone's token as bearer token.");
        }

        if (await connections.FindAsync(id, cancellationToken) is not { } connection || (connection.From != number && connection.To != number))
        {
            return Problems.NotFound("call of this phone");
        }

        var steps = new List<PhoneStep>();
        var next = Math.Max(0, after ?? 0);
        var names = new StepNames();

        // From the beginning: how an activity is called stands where it was started.
        var journal = new List<JournalEntry>();
        await foreach (var entry in journals.ReadAsync(connection.ParentId ?? id, 0, cancellationToken))
        {
            journal.Add(entry);
        }

        // The other side of a call must not read here what was keyed in confidence.
        var summary = await journals.FindAsync(connection.ParentId ?? id, cancellationToken);
        var definition = summary is null ? null : await definitions.FindVersionAsync(summary.DefinitionVersionId, cancellationToken);
        foreach (var entry in Confidential.Shown(journal, definition, out _))
        {
            var step = names.Describe(entry);
            if (step is not null && entry.Sequence > next && steps.Count < MostSteps)
            {
                steps.Add(step);
                next = entry.Sequence;
            }
        }

        return Results.Json(
            new PhoneSteps(steps, next, connection.Status is ConnectionStatus.Finished or ConnectionStatus.Failed), PhoneJson.Default.PhoneSteps);
    }
}
