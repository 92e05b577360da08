using System.Diagnostics.CodeAnalysis;

namespace Sift.Web.Storage.Nodes;

/// <summary>
/// Keeps this node alive in the eyes of the others. What a node owns (instances, deliveries) is its own for as long as its row in
/// <c>nodes</c> has not expired by the database's clock; after that another node may take everything over, and this one must end: its calls
/// are then told as ended by its heir.
/// </summary>
internal sealed partial class NodeLease(Database database, Node node, TimeProvider time, ILogger<NodeLease> logger, IHostApplicationLifetime? lifetime = null) : BackgroundService
{
    public static readonly TimeSpan Term = TimeSpan.FromSeconds(10);

    /// <summary>The database's clock in milliseconds, for all nodes the same.</summary>
    public const string Now = "(extract(epoch from clock_timestamp()) * 1000)::bigint";

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);

    // Counted from before the request that renewed the lease, and shorter than what the others wait: whoever asks here stops first.
    private static readonly TimeSpan Trusted = Term - TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(200);

    private FileStream? file;
    private long renewedAt;
    private volatile bool isLost;

    /// <summary>False when another node may have taken over what this one owns.</summary>
    public bool IsHeld => !node.IsShared || (!isLost && time.GetElapsedTime(Volatile.Read(ref renewedAt)) < Trusted);

    /// <summary>Completes at once while the lease is held, else when it is held again.</summary>
    public async ValueTask WaitUntilHeldAsync(CancellationToken cancellationToken)
    {
        while (!IsHeld)
        {
            await Task.Delay(Look, time, cancellationToken);
        }
    }

    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        if (database.File is { } path)
        {
            file = SoleUse.Of(path + ".lock", $"Another Sift server uses {path}. One SQLite file serves one server; several servers need PostgreSQL.");
        }

        var asked = time.GetTimestamp();
        await using (var connection = await database.OpenAsync(cancellationToken))
        {
            await connection.ExecuteAsync(
                $"INSERT INTO nodes (id, name, started_at, expires_at) VALUES ($1, $2, $3, {(node.IsShared ? $"{Now} + {Term.TotalMilliseconds:0}" : "0")})",
                cancellationToken, node.Id, node.Name, time.GetUtcNow().UtcTicks);
        }

        Volatile.Write(ref renewedAt, asked);
        await base.StartAsync(cancellationToken);
    }

    /// <summary>Hands everything over at once; this service is started early and so stopped late.</summary>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        if (node.IsShared && !isLost)
        {
            await using var connection = await database.OpenAsync(cancellationToken);
            await connection.ExecuteAsync("UPDATE nodes SET expires_at = 0 WHERE id = $1", cancellationToken, node.Id);
        }
    }

    public override void Dispose()
    {
        file?.Dispose();
        base.Dispose();
    }

    /// <summary>Prolongs the lease; false when another node has taken over.</summary>
    public async ValueTask<bool> RenewAsync(CancellationToken cancellationToken)
    {
        var asked = time.GetTimestamp();
        await using var connection = await database.OpenAsync(cancellationToken);
        if (await connection.ExecuteAsync($"UPDATE nodes SET expires_at = {Now} + {Term.TotalMilliseconds:0} WHERE id = $1 AND heir IS NULL", cancellationToken, node.Id) == 0)
        {
            isLost = true;
            return false;
        }

        Volatile.Write(ref renewedAt, asked);
        return true;
    }

    [SuppressMessage("Design", "CA1031", Justification = "The loop must outlive a database that is away for a while.")]
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!node.IsShared)
        {
            return;
        }

        using var timer = new PeriodicTimer(Interval, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                if (!await RenewAsync(stoppingToken))
                {
                    LogLost(node.Name);
                    Environment.ExitCode = 1;
                    lifetime?.StopApplication();
                    return;
                }
            }
            catch (Exception exception) when (exception is not OperationCanceledException)
            {
                LogFailed(exception);
            }
        }
    }

    [LoggerMessage(1040, LogLevel.Critical, "This node ({Name}) was silent for too long and another has taken over its calls and deliveries. It ends now; start it again")]
    private partial void LogLost(string name);

    [LoggerMessage(1041, LogLevel.Warning, "The lease of this node could not be prolonged and will be tried again")]
    private partial void LogFailed(Exception exception);
}
