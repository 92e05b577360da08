using Sift.Activities.Connections;
using Sift.Activities.Webhooks;
using Sift.Media.Sip.Tracing;
using Sift.Media.Sip.Trunks;
using Sift.Web.Deliveries;
using Sift.Web.Observability;
using Sift.Web.Storage;

namespace Sift.Web.ConsolePages;

/// <summary>One minute of an account's calls and callbacks.</summary>
internal readonly record struct MinuteFigures(int Started, int Failed, int Live, int Deliveries);

/// <summary>Something that wants a person.</summary>
/// <param name="Link">The page that says more.</param>
internal sealed record Attention(string Text, string Link, string LinkText);

internal sealed record OverviewModel(IReadOnlyList<MinuteFigures> Minutes, int Live, IReadOnlyDictionary<DeliveryState, long> Deliveries, IReadOnlyList<Attention> Attention, IReadOnlyList<Connection> Recent);

internal sealed record ConnectionSearch(string? Status, string? Direction, string? Number, string? Failure, string? From, string? Until)
{
    /// <summary>The search as a query string, to go on with on the next page.</summary>
    public string Query => string.Join('&', new[] { ("status", Status), ("direction", Direction), ("number", Number), ("failure", Failure), ("from", From), ("until", Until) }
        .Where(pair => pair.Item2 is not null).Select(pair => $"{pair.Item1}={Uri.EscapeDataString(pair.Item2!)}"));
}

internal sealed record ConnectionsModel(ConnectionSearch Search, IReadOnlyList<Connection> Rows, string? Next);

internal sealed record ApplicationsModel(IReadOnlyList<ApplicationRow> Rows, ILookup<string, string> Numbers);

internal sealed record NumbersModel(IReadOnlyList<PhoneNumberRow> Rows, IReadOnlyList<ApplicationRow> Applications, string Country, IReadOnlyList<string> Available);

internal sealed record TrunksModel(IReadOnlyList<TrunkOptions> Configured, IReadOnlyList<TrunkState> States, IReadOnlyDictionary<string, long> Refusals, IReadOnlyList<RefusedCall> Refused);

internal sealed record DeliveriesModel(
    DeliveryState? State, string? Kind, IReadOnlyList<MinuteOutcomes> Minutes, int Nodes, IReadOnlyList<DeliveryItem> Rows, string? Next, IReadOnlyDictionary<DeliveryState, long> Counts, int Active, IReadOnlyList<EndpointObject> Endpoints);

internal sealed record KeysModel(IReadOnlyList<WebhookSecretInfo> Secrets, IReadOnlyList<AccountRow> Accounts);

internal sealed record AuditModel(IReadOnlyList<AuditEntry> Rows, string? Next);
