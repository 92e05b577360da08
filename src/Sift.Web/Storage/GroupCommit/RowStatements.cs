using Sift.Activities.Connections;
using Sift.Activities.Webhooks;
using Sift.Workflows.Journal;

namespace Sift.Web.Storage.GroupCommit;

/// <summary>How each kind of row is written: one statement, both databases, parameters by position.</summary>
internal static class RowStatements
{
    public const string InsertInstance =
        "INSERT INTO instances (id, definition_id, definition_version_id, version, correlation_id, name, account_id, status, sub_status, incident_count, last_sequence, created_at, updated_at, finished_at, has_pending_effects) "
        + "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15) ON CONFLICT (id) DO NOTHING";

    /// <summary>The fence: matches only while nobody else has appended, and no row of a purged or unknown instance.</summary>
    public const string UpdateInstance =
        "UPDATE instances SET definition_id = $2, definition_version_id = $3, version = $4, correlation_id = $5, name = $6, account_id = $7, status = $8, sub_status = $9, "
        + "incident_count = $10, last_sequence = $11, created_at = $12, updated_at = $13, finished_at = $14, has_pending_effects = $15 WHERE id = $1 AND last_sequence = $16";

    private const string UpsertConnection =
        "INSERT INTO connections (id, account_id, from_endpoint, to_endpoint, direction, status, created_at, start_time, end_time, client_data, application_id, status_url, failure, sip_status, parent_id, end_reason) "
        + "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16) ON CONFLICT (id) DO UPDATE SET from_endpoint = excluded.from_endpoint, to_endpoint = excluded.to_endpoint, "
        + "status = excluded.status, start_time = excluded.start_time, end_time = excluded.end_time, client_data = excluded.client_data, application_id = excluded.application_id, "
        + "status_url = excluded.status_url, failure = excluded.failure, sip_status = excluded.sip_status, parent_id = excluded.parent_id, end_reason = excluded.end_reason";

    private const string UpsertDelivery =
        "INSERT INTO deliveries (id, account_id, connection_id, instance_id, kind, url, body, mode, created_at, state, attempts, next_attempt_at, deadline, sensitive) "
        + "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14) ON CONFLICT (id) DO UPDATE SET mode = excluded.mode, instance_id = excluded.instance_id, state = excluded.state, "
        + "attempts = excluded.attempts, next_attempt_at = excluded.next_attempt_at, deadline = excluded.deadline";

    // A delivery is created once; an instance that is replayed after a crash must not undo what the attempts have written since.
    private const string InsertDelivery =
        "INSERT INTO deliveries (id, account_id, connection_id, instance_id, kind, url, body, mode, created_at, state, attempts, next_attempt_at, deadline, sensitive) "
        + "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14) ON CONFLICT (id) DO NOTHING";

    private const string InsertAttempt =
        "INSERT INTO delivery_attempts (delivery_id, number, at, took, status, error, response_body) VALUES ($1, $2, $3, $4, $5, $6, $7) "
        + "ON CONFLICT (delivery_id, number) DO UPDATE SET at = excluded.at, took = excluded.took, status = excluded.status, error = excluded.error, response_body = excluded.response_body";

    public static bool Knows(object row) => row is Connection or Delivery or DeliveryAttempt or DeliveryProgress or Removal;

    public static string SqlFor(object row) => row switch
    {
        Connection => UpsertConnection,
        Delivery => InsertDelivery,
        DeliveryProgress => UpsertDelivery,
        DeliveryAttempt => InsertAttempt,
        Removal r => r.Sql,
        _ => throw new ArgumentException($"No table is known for a row of type {row.GetType()}", nameof(row)),
    };

    public static object?[] ValuesFor(object row) => row switch
    {
        Connection c =>
        [
            c.Id, c.AccountId, c.From, c.To, c.Direction, StoredText(c.Status), c.CreatedAt.UtcTicks, c.StartTime?.UtcTicks, c.EndTime?.UtcTicks,
            c.ClientData?.ToJsonString(), c.ApplicationId, c.StatusUrl, c.Failure, c.SipStatus, c.ParentId, c.EndReason,
        ],
        Delivery d => ValuesFor(d),
        DeliveryProgress p => ValuesFor(p.Delivery),
        Removal r => r.Values,
        DeliveryAttempt a => [a.DeliveryId, a.Number, a.At.UtcTicks, a.Took.Ticks, a.Status, a.Error, a.ResponseBody],
        _ => throw new ArgumentException($"No table is known for a row of type {row.GetType()}", nameof(row)),
    };

    /// <summary>Values of <see cref="InsertInstance"/>, and with <paramref name="expected"/> those of <see cref="UpdateInstance"/>.</summary>
    public static object?[] ValuesFor(InstanceSummary s, long? expected)
    {
        object?[] values =
        [
            s.InstanceId, s.DefinitionId, s.DefinitionVersionId, s.Version, s.CorrelationId, s.Name, s.AccountId, s.Status, s.SubStatus,
            s.IncidentCount, s.LastSequence, s.CreatedAt.UtcTicks, s.UpdatedAt.UtcTicks, s.FinishedAt?.UtcTicks, s.HasPendingEffects ? 1 : 0,
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

    private static object?[] ValuesFor(Delivery d) =>
    [
        d.Id, d.AccountId, d.ConnectionId, d.InstanceId, d.Kind, d.Url, Bytes(d.Body), d.Mode.ToString(), d.CreatedAt.UtcTicks, d.State.ToString(),
        d.Attempts, d.NextAttemptAt?.UtcTicks, d.Deadline?.UtcTicks, d.Sensitive ? 1 : 0,
    ];

    /// <summary>The array behind the memory when it is exactly that, else a copy.</summary>
    public static byte[] Bytes(ReadOnlyMemory<byte> memory)
        => System.Runtime.InteropServices.MemoryMarshal.TryGetArray(memory, out var segment) && segment.Offset == 0 && segment.Count == segment.Array!.Length
            ? segment.Array
            : memory.ToArray();
}

/// <summary>A delivery whose state moved on, as opposed to a new one.</summary>
internal sealed record DeliveryProgress(Delivery Delivery);

/// <summary>Something that goes instead of coming, for the retention.</summary>
/// <param name="Sql">One of a few constant texts: the statement stays prepared.</param>
internal sealed record Removal(string Sql, object?[] Values);
