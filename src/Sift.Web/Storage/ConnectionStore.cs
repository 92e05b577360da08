using System.Data.Common;
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
    public async ValueTask<ScannedPage<Connection>> ListAsync(string accountId, ConnectionFilter filter, PageRequest page, CancellationToken cancellationToken)
    {
        var listing = new ConnectionListing(accountId, filter, page);
        await using var connection = await database.OpenAsync(cancellationToken);
        return listing.IsExact
            ? new ScannedPage<Connection>(await RowsAsync(page.Size + 1), null)
            : await page.ScanAsync(RowsAsync, most => connection.LastAsync(listing.Candidates(most), page, most, listing.Values, cancellationToken));

        async ValueTask<List<Connection>> RowsAsync(int most)
        {
            await using var command = connection.Command(listing.Rows(Columns, most), [.. listing.Values]);
            await using var reader = await command.ExecuteReaderAsync(cancellationToken);
            var rows = new List<Connection>();
            while (await reader.ReadAsync(cancellationToken))
            {
                rows.Add(Read(reader));
            }

            return rows;
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
