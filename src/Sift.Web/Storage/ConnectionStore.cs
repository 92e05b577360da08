using System.Data.Common;
using System.Text;
using System.Text.Json.Nodes;
using Sift.Activities.Connections;
using Sift.Web.Storage.GroupCommit;

namespace Sift.Web.Storage;

/// <summary>Reads connections; their rows are written by the group commit, most of them with the journal.</summary>
internal sealed class ConnectionStore(Database database, GroupCommitWriter writer) : IConnectionStore, IConnectionRows
{
    private const string Columns =
        "id, account_id, from_endpoint, to_endpoint, direction, status, created_at, start_time, end_time, client_data, application_id, status_url, failure, sip_status, parent_id, end_reason";

    public async ValueTask<Connection?> FindAsync(string id, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        await using var command = connection.Command($"SELECT {Columns} FROM connections WHERE id = $1", id);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken) ? Read(reader) : null;
    }

    public ValueTask SaveAsync(IReadOnlyList<object> rows, CancellationToken cancellationToken) => writer.WriteAsync(null, rows, cancellationToken);

    /// <summary>Connections that have neither finished nor failed, of instances that a node owned, oldest first. Read it before its estate is moved.</summary>
    public async ValueTask<List<Connection>> OpenOfAsync(string node, CancellationToken cancellationToken)
    {
        var open = new List<Connection>();
        await using var connection = await database.OpenAsync(cancellationToken);
        await using var command = connection.Command(
            $"SELECT {Columns} FROM connections c WHERE status IN ('connecting', 'connected') "
            + "AND COALESCE((SELECT owner FROM instances i WHERE i.id = COALESCE(c.parent_id, c.id)), $1) = $1 ORDER BY created_at, id", node);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            open.Add(Read(reader));
        }

        return open;
    }

    /// <summary>One page, newest first, one row more than asked for when there are more.</summary>
    public async ValueTask<List<Connection>> ListAsync(string accountId, ConnectionFilter filter, PageRequest page, CancellationToken cancellationToken)
    {
        var sql = new StringBuilder($"SELECT {Columns} FROM connections WHERE account_id = $1");
        var values = new List<object?> { accountId };
        if (filter.Status is { } status)
        {
            // As a literal, because the partial indexes of the few that are up or failed know no parameters.
            sql.Append($" AND status = '{RowStatements.StoredText(status)}'{(status is ConnectionStatus.Connecting or ConnectionStatus.Connected ? " AND status IN ('connecting', 'connected')" : "")}");
        }

        Add("application_id", filter.ApplicationId);
        Add("direction", filter.Direction);
        Add("from_endpoint", filter.From);
        Add("to_endpoint", filter.To);
        Add("failure", filter.Failure);
        Add("parent_id", filter.ParentId);
        AddTime(">=", filter.After);
        AddTime("<", filter.Before);
        if (filter.Number is { } number)
        {
            values.Add(number);
            sql.Append($" AND (from_endpoint = ${values.Count} OR to_endpoint = ${values.Count})");
        }

        if (filter.Party is { } party)
        {
            values.Add($"%{party.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("%", "\\%", StringComparison.Ordinal).Replace("_", "\\_", StringComparison.Ordinal)}%");
            sql.Append($" AND (from_endpoint LIKE ${values.Count} ESCAPE '\\' OR to_endpoint LIKE ${values.Count} ESCAPE '\\')");
        }

        page.AppendTo(sql, values, "created_at", "id");
        await using var connection = await database.OpenAsync(cancellationToken);
        await using var command = connection.Command(sql.ToString(), [.. values]);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var rows = new List<Connection>();
        while (await reader.ReadAsync(cancellationToken))
        {
            rows.Add(Read(reader));
        }

        return rows;

        void AddTime(string comparison, DateTimeOffset? time)
        {
            if (time is { } given)
            {
                values.Add(given.UtcTicks);
                sql.Append($" AND created_at {comparison} ${values.Count}");
            }
        }

        void Add(string column, string? value)
        {
            if (value is not null)
            {
                values.Add(value);
                sql.Append($" AND {column} = ${values.Count}");
            }
        }
    }

    private static Connection Read(DbDataReader reader) => new(
        reader.GetString(0),
        reader.GetString(1),
        reader.GetString(2),
        reader.GetString(3),
        reader.GetString(4),
        reader.GetString(5) switch
        {
            "connecting" => ConnectionStatus.Connecting,
            "connected" => ConnectionStatus.Connected,
            "failed" => ConnectionStatus.Failed,
            _ => ConnectionStatus.Finished,
        },
        reader.Time(6))
    {
        StartTime = reader.TimeOrNull(7),
        EndTime = reader.TimeOrNull(8),
        ClientData = reader.TextOrNull(9) is { } data ? JsonNode.Parse(data) : null,
        ApplicationId = reader.TextOrNull(10),
        StatusUrl = reader.TextOrNull(11),
        Failure = reader.TextOrNull(12),
        SipStatus = reader.IntOrNull(13),
        ParentId = reader.TextOrNull(14),
        EndReason = reader.TextOrNull(15),
    };
}

/// <summary>What a list of connections is narrowed to; null for all.</summary>
internal sealed record ConnectionFilter(ConnectionStatus? Status, string? ApplicationId, string? Direction, string? From, string? To)
{
    public static ConnectionFilter None { get; } = new(null, null, null, null, null);

    public string? Failure { get; init; }

    /// <summary>The whole number at either end; found by the indexes, among any number of calls.</summary>
    public string? Number { get; init; }

    /// <summary>Part of the name or number at either end; looks at each call.</summary>
    public string? Party { get; init; }

    public string? ParentId { get; init; }

    public DateTimeOffset? After { get; init; }

    public DateTimeOffset? Before { get; init; }
}
