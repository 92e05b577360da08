using Sift.Activities.Connections;
using Sift.Activities.Webhooks;
using Sift.Web.Storage.Nodes;
using Sift.Workflows.Journal;

namespace Sift.Web.Storage.GroupCommit;

/// <summary>How each kind of row is written: one statement, both databases, parameters by position.</summary>
internal static class RowStatements
{
    public const string InsertInstance =
        "INSERT INTO instances (id, definition_id, definition_version_id, version, correlation_id, name, account_id, status, sub_status, incident_count, last_sequence, created_at, updated_at, finished_at, has_pending_effects, owner) "
        + "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16) ON CONFLICT (id) DO NOTHING";

    /// <summary>
    /// The fence: matches only while this node owns the instance and nobody else has appended, and no row of a purged or unknown instance. What is
    /// finished is nobody's: whoever goes on with it owns it.
    /// </summary>
    public const string UpdateInstance =
        "UPDATE instances SET definition_id = $2, definition_version_id = $3, version = $4, correlation_id = $5, name = $6, account_id = $7, status = $8, sub_status = $9, "
        + "incident_count = $10, last_sequence = $11, created_at = $12, updated_at = $13, finished_at = $14, has_pending_effects = $15, owner = $16 "
        + "WHERE id = $1 AND last_sequence = $17 AND (owner = $16 OR (finished_at IS NOT NULL AND has_pending_effects = 0))";

    private const string UpsertConnection =
        "INSERT INTO connections (id, account_id, from_endpoint, to_endpoint, direction, status, created_at, start_time, end_time, client_data, application_id, status_url, failure, sip_status, parent_id, end_reason) "
        + "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16) ON CONFLICT (id) DO UPDATE SET from_endpoint = excluded.from_endpoint, to_endpoint = excluded.to_endpoint, "
        + "status = excluded.status, start_time = excluded.start_time, end_time = excluded.end_time, client_data = excluded.client_data, application_id = excluded.application_id, "
        + "status_url = excluded.status_url, failure = excluded.failure, sip_status = excluded.sip_status, parent_id = excluded.parent_id, end_reason = excluded.end_reason";

    // A delivery is created once; an instance that is replayed after a crash must not undo what the attempts have written since.
    private const string InsertDelivery =
        "INSERT INTO deliveries (id, account_id, connection_id, instance_id, kind, url, body, mode, created_at, state, attempts, next_attempt_at, deadline, sensitive, in_call_attempts, claimed_by) "
        + "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16) ON CONFLICT (id) DO NOTHING";

    // Only whoever has claimed a delivery may say what became of it.
    private const string UpdateDelivery =
        "UPDATE deliveries SET mode = $2, instance_id = $3, state = $4, attempts = $5, next_attempt_at = $6, deadline = $7, in_call_attempts = $8, claimed_by = $9, waits_for = $11 "
        + "WHERE id = $1 AND claimed_by = $10";

    // One that is done, or waits for its time, is anybody's to send once more.
    private const string ReopenDelivery = UpdateDelivery + " OR (id = $1 AND (claimed_by IS NULL OR state NOT IN ('Pending', 'Scheduled')))";

    private const string InsertAttempt =
        "INSERT INTO delivery_attempts (delivery_id, number, at, took, status, error, response_body) VALUES ($1, $2, $3, $4, $5, $6, $7) "
        + "ON CONFLICT (delivery_id, number) DO UPDATE SET at = excluded.at, took = excluded.took, status = excluded.status, error = excluded.error, response_body = excluded.response_body";

    private const string UpsertCallTrace =
        "INSERT INTO call_traces (connection_id, recorded_at, data) VALUES ($1, $2, $3) ON CONFLICT (connection_id) DO UPDATE SET recorded_at = excluded.recorded_at, data = excluded.data";

    private const string UpsertRegistration =
        "INSERT INTO registrations (number, bindings, expires_at) VALUES ($1, $2, $3) ON CONFLICT (number) DO UPDATE SET bindings = excluded.bindings, expires_at = excluded.expires_at";

    public static bool Knows(object row) => row is Connection or Delivery or DeliveryAttempt or DeliveryProgress or DeliveryReopened or CallTraceRow or RegistrationRow or PlainStatement;

    /// <summary>The rows without those that a later one of the same request replaces as a whole: a short call is answered and ended in one append.</summary>
    public static IEnumerable<object> Lasting(IReadOnlyList<object> rows)
    {
        for (var i = 0; i < rows.Count; i++)
        {
            if (rows[i] is not Connection { Id: var id } || !rows.Skip(i + 1).Any(later => later is Connection c && c.Id == id))
            {
                yield return rows[i];
            }
        }
    }

    public static string SqlFor(object row) => row switch
    {
        Connection => UpsertConnection,
        Delivery => InsertDelivery,
        DeliveryProgress => UpdateDelivery,
        DeliveryReopened => ReopenDelivery,
        DeliveryAttempt => InsertAttempt,
        CallTraceRow => UpsertCallTrace,
        RegistrationRow => UpsertRegistration,
        PlainStatement r => r.Sql,
        _ => throw new ArgumentException($"No table is known for a row of type {row.GetType()}", nameof(row)),
    };

    public static object?[] ValuesFor(object row, Node node) => row switch
    {
        Connection c =>
        [
            c.Id, c.AccountId, c.From, c.To, c.Direction, StoredText(c.Status), c.CreatedAt.UtcTicks, c.StartTime?.UtcTicks, c.EndTime?.UtcTicks,
            c.ClientData?.ToJsonString(), c.ApplicationId, c.StatusUrl, c.Failure, c.SipStatus, c.ParentId, c.EndReason,
        ],
        Delivery d =>
        [
            d.Id, d.AccountId, d.ConnectionId, d.InstanceId, d.Kind, d.Url, Bytes(d.Body), d.Mode.ToString(), d.CreatedAt.UtcTicks, d.State.ToString(),
            d.Attempts, d.NextAttemptAt?.UtcTicks, d.Deadline?.UtcTicks, d.Sensitive ? 1 : 0, d.InCallAttempts, node.Id,
        ],
        DeliveryProgress p => Progress(p.Delivery, MayBeAnyones(p.Delivery) && node.IsShared ? null : node.Id, node),
        DeliveryReopened r => Progress(r.Delivery, node.Id, node),
        RegistrationRow r => [r.Number, r.Bindings, r.ExpiresAt],
        CallTraceRow t => [t.ConnectionId, t.RecordedAt.UtcTicks, t.Data],
        PlainStatement r => r.Values,
        DeliveryAttempt a => [a.DeliveryId, a.Number, a.At.UtcTicks, a.Took.Ticks, a.Status, a.Error, a.ResponseBody],
        _ => throw new ArgumentException($"No table is known for a row of type {row.GetType()}", nameof(row)),
    };

    /// <summary>Values of <see cref="InsertInstance"/>, and with <paramref name="expected"/> those of <see cref="UpdateInstance"/>.</summary>
    public static object?[] ValuesFor(InstanceSummary s, Node node, long? expected)
    {
        object?[] values =
        [
            s.InstanceId, s.DefinitionId, s.DefinitionVersionId, s.Version, s.CorrelationId, s.Name, s.AccountId, s.Status, s.SubStatus,
            s.IncidentCount, s.LastSequence, s.CreatedAt.UtcTicks, s.UpdatedAt.UtcTicks, s.FinishedAt?.UtcTicks, s.HasPendingEffects ? 1 : 0, node.Id,
        ];
        return expected is { } sequence ? [.. values, sequence] : values;
    }

    public static string StoredText(ConnectionStatus status) => status switch
    {
        ConnectionStatus.Connecting => "connecting",
        ConnectionStatus.Connected => "connected",
        ConnectionStatus.Failed => "failed",
        ConnectionStatus.Finished => "finished",
    };

    /// <summary>Whether a delivery only waits for its time or its host, so that whichever node hears of that may take it up.</summary>
    private static bool MayBeAnyones(Delivery delivery) => delivery is { State: DeliveryState.Scheduled, Mode: DeliveryMode.Event };

    private static object?[] Progress(Delivery d, string? claim, Node node) =>
        [d.Id, d.Mode.ToString(), d.InstanceId, d.State.ToString(), d.Attempts, d.NextAttemptAt?.UtcTicks, d.Deadline?.UtcTicks, d.InCallAttempts, claim, node.Id, d.WaitsFor];

    /// <summary>The array behind the memory when it is exactly that, else a copy.</summary>
    public static byte[] Bytes(ReadOnlyMemory<byte> memory)
        => System.Runtime.InteropServices.MemoryMarshal.TryGetArray(memory, out var segment) && segment.Offset == 0 && segment.Count == segment.Array!.Length
            ? segment.Array
            : memory.ToArray();
}

/// <summary>A delivery whose state moved on, as opposed to a new one.</summary>
internal sealed record DeliveryProgress(Delivery Delivery);

/// <summary>A delivery to be sent once more, whoever had it before. Changes nothing while another node is at it.</summary>
internal sealed record DeliveryReopened(Delivery Delivery);

/// <summary>A statement of its own, such as a removal by the retention, that shares the transaction of what else is written.</summary>
/// <param name="Sql">One of a few constant texts: the statement stays prepared.</param>
internal sealed record PlainStatement(string Sql, object?[] Values);
