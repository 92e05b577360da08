using System.Text;
using Sift.Web.Storage;

namespace Sift.Web.Observability;

/// <param name="AccountId">Null for what concerns the whole server.</param>
/// <param name="Actor">Who did it: <c>token</c>, <c>console</c>, <c>operator</c> or <c>sift</c> itself.</param>
/// <param name="Action">Name of the operation, for example <c>CreateApplication</c>.</param>
internal sealed record AuditEntry(string Id, string? AccountId, DateTimeOffset At, string Actor, string Action, string Target, string? Detail);

/// <summary>What was changed, when and by whom, for people. Calls are not in it; they have their journals.</summary>
internal sealed class AuditLog(Database database, TimeProvider time)
{
    /// <summary>The actor of what the server did by itself.</summary>
    public const string Server = "sift";

    public async ValueTask WriteAsync(string? accountId, string actor, string action, string target, string? detail, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        await connection.ExecuteAsync(
            "INSERT INTO audit_log (id, account_id, at, actor, action, target, detail) VALUES ($1, $2, $3, $4, $5, $6, $7)",
            cancellationToken, Ids.New(), accountId, time.GetUtcNow().UtcTicks, actor, action, target, detail);
    }

    /// <summary>One page, newest first; of all accounts when <paramref name="accountId"/> is null.</summary>
    public async ValueTask<List<AuditEntry>> ListAsync(string? accountId, PageRequest page, CancellationToken cancellationToken)
    {
        var values = new List<object?>();
        var sql = new StringBuilder("SELECT id, account_id, at, actor, action, target, detail FROM audit_log WHERE 1 = 1");
        if (accountId is not null)
        {
            values.Add(accountId);
            sql.Append(" AND account_id = $1");
        }

        page.AppendTo(sql, values, "at", "id");
        await using var connection = await database.OpenAsync(cancellationToken);
        await using var command = connection.Command(sql.ToString(), [.. values]);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var entries = new List<AuditEntry>();
        while (await reader.ReadAsync(cancellationToken))
        {
            entries.Add(new AuditEntry(reader.GetString(0), reader.TextOrNull(1), reader.Time(2), reader.GetString(3), reader.GetString(4), reader.GetString(5), reader.TextOrNull(6)));
        }

        return entries;
    }
}
