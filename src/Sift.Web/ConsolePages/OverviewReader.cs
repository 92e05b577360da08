using Sift.Activities.Connections;
using Sift.Activities.Webhooks;
using Sift.Web.Deliveries;
using Sift.Web.Hosting;
using Sift.Web.Storage;

namespace Sift.Web.ConsolePages;

/// <summary>The figures of the overview, counted by the database: they hold after a restart and for every node.</summary>
internal sealed class OverviewReader(
    Database database, ConnectionStore connections, DeliveryList deliveries, EndpointControl endpoints, WebhookSecretStore secrets, Telephony telephony, TimeProvider time)
{
    public const int Minutes = 60;

    private const int RecentRows = 8;

    // The limit keeps SQLite from putting the account's condition first, and with it from reading every call the account ever had.
    private const string EndedLately = "(SELECT account_id, status, end_time FROM connections WHERE end_time >= $2 LIMIT 10000000) AS ended";

    public async ValueTask<OverviewModel> ReadAsync(Viewer viewer, CancellationToken cancellationToken)
    {
        var account = viewer.AccountId;
        var now = time.GetUtcNow().UtcTicks / TimeSpan.TicksPerMinute;
        var started = await CountAsync("SELECT created_at / 600000000, COUNT(*) FROM connections WHERE account_id = $1 AND created_at >= $2 GROUP BY 1", account, now, cancellationToken);
        var ended = await CountAsync($"SELECT end_time / 600000000, COUNT(*) FROM {EndedLately} WHERE account_id = $1 GROUP BY 1", account, now, cancellationToken);
        var failed = await CountAsync($"SELECT end_time / 600000000, COUNT(*) FROM {EndedLately} WHERE account_id = $1 AND status = 'failed' GROUP BY 1", account, now, cancellationToken);
        var posted = await CountAsync("SELECT created_at / 600000000, COUNT(*) FROM deliveries WHERE account_id = $1 AND created_at >= $2 GROUP BY 1", account, now, cancellationToken);
        var live = await LiveAsync(account, cancellationToken);
        var figures = new MinuteFigures[Minutes];

        // Known now, and worked back from what began and ended in each minute.
        var up = live;
        for (var i = Minutes - 1; i >= 0; i--)
        {
            figures[i] = new MinuteFigures(started[i], failed[i], Math.Max(0, up), posted[i]);
            up += ended[i] - started[i];
        }

        var recent = await connections.ListAsync(account, ConnectionFilter.None, new PageRequest(RecentRows, null, false), cancellationToken);
        var counts = await deliveries.CountsAsync(account, cancellationToken);
        return new OverviewModel(figures, live, counts, await AttentionAsync(viewer, counts, cancellationToken), [.. recent.Rows.Take(RecentRows)]);
    }

    private async ValueTask<IReadOnlyList<Attention>> AttentionAsync(Viewer viewer, IReadOnlyDictionary<DeliveryState, long> counts, CancellationToken cancellationToken)
    {
        var list = new List<Attention>();
        if (viewer.IsOperator)
        {
            list.AddRange(telephony.Trunks.Where(trunk => !trunk.Available || trunk.Registered == false)
                .Select(trunk => new Attention($"Trunk {trunk.Name}: {trunk.Detail ?? "no answer"}", $"{ConsoleRoutes.Root}/trunks/{Uri.EscapeDataString(trunk.Name)}", "Examine")));
        }

        list.AddRange(endpoints.List(viewer.AccountId).Where(endpoint => endpoint.State != "active" || endpoint.FailingSince is not null)
            .Select(endpoint => new Attention(
                endpoint.State == "active" ? $"{endpoint.Host} has been failing since {endpoint.FailingSince}" : $"{endpoint.Host} is {endpoint.State}: {endpoint.Reason}", $"{ConsoleRoutes.Root}/deliveries#hosts", "Hosts")));
        if (counts.GetValueOrDefault(DeliveryState.Dead) is > 0 and var dead)
        {
            list.Add(new Attention($"{dead} {(dead == 1 ? "callback was" : "callbacks were")} given up after all attempts", $"{ConsoleRoutes.Root}/deliveries?state=dead", "Show"));
        }

        if ((await secrets.ListAsync(viewer.AccountId, cancellationToken)).Count == 0)
        {
            list.Add(new Attention("Callbacks are not signed: receivers cannot tell who sends them", $"{ConsoleRoutes.Root}/keys", "Make a secret"));
        }

        return list;
    }

    private async ValueTask<int> LiveAsync(string account, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        await using var command = connection.Command("SELECT COUNT(*) FROM connections WHERE account_id = $1 AND status IN ('connecting', 'connected')", account);
        return Convert.ToInt32(await command.ExecuteScalarAsync(cancellationToken), System.Globalization.CultureInfo.InvariantCulture);
    }

    /// <summary>One count per minute, oldest first.</summary>
    private async ValueTask<int[]> CountAsync(string sql, string account, long now, CancellationToken cancellationToken)
    {
        var first = now - Minutes + 1;
        var counts = new int[Minutes];
        await using var connection = await database.OpenAsync(cancellationToken);
        await using var command = connection.Command(sql, account, first * TimeSpan.TicksPerMinute);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            var index = reader.GetInt64(0) - first;
            if (index is >= 0 and < Minutes)
            {
                counts[index] = reader.GetInt32(1);
            }
        }

        return counts;
    }
}
