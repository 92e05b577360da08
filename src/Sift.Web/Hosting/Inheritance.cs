using System.Diagnostics.CodeAnalysis;
using Sift.Activities.Calls;
using Sift.Activities.Webhooks;
using Sift.Web.Storage;
using Sift.Web.Storage.Nodes;
using Sift.Workflows.Hosting;

namespace Sift.Web.Hosting;

/// <summary>
/// Takes up what a node that is no more has left: the last run of this server at its start, and with several nodes on one database any other that
/// falls silent. Its calls end, its deliveries go on. Looks as well for deliveries whose reminder was lost.
/// </summary>
internal sealed partial class Inheritance(
    NodeEstates estates, NodeLease lease, Node node, ConnectionStore connections, WorkflowRuntime runtime, CallControl calls, DeliveryPipeline deliveries, TimeProvider time, ILogger<Inheritance> logger)
    : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan SweepInterval = TimeSpan.FromSeconds(15);

    /// <summary>Takes up every estate there is.</summary>
    public async ValueTask TakeUpAsync(CancellationToken cancellationToken)
    {
        while (lease.IsHeld && await estates.FindAsync(cancellationToken) is { } dead)
        {
            var open = await connections.OpenOfAsync(dead, cancellationToken);
            await estates.MoveAsync(dead, cancellationToken);

            // Instances first: they are there when the replies to their callbacks come.
            await runtime.RecoverAsync(await estates.InstancesAsync(cancellationToken), cancellationToken);
            await calls.ReconcileAsync(open, cancellationToken);
            await deliveries.RecoverAsync(cancellationToken);
            await estates.CloseAsync(dead, cancellationToken);
            if (dead.Length > 0)
            {
                LogTaken(dead, open.Count);
            }
            else if (open.Count > 0)
            {
                LogUpgraded(open.Count);
            }
        }
    }

    [SuppressMessage("Design", "CA1031", Justification = "The loop must outlive a database that is away for a while.")]
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var swept = time.GetTimestamp();
        using var timer = new PeriodicTimer(Interval, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                if (node.IsShared)
                {
                    await TakeUpAsync(stoppingToken);
                }

                if (time.GetElapsedTime(swept) >= SweepInterval)
                {
                    swept = time.GetTimestamp();
                    await deliveries.SweepAsync(stoppingToken);
                }
            }
            catch (Exception exception) when (exception is not OperationCanceledException)
            {
                LogFailed(exception);
            }
        }
    }

    [LoggerMessage(1050, LogLevel.Information, "Took up what node {Node} left; {Connections} of its connections were open")]
    private partial void LogTaken(string node, int connections);

    [LoggerMessage(1052, LogLevel.Information, "Took up what a version of Sift without nodes left; {Connections} of its connections were open")]
    private partial void LogUpgraded(int connections);

    [LoggerMessage(1051, LogLevel.Warning, "Could not look for what other nodes left; it is tried again")]
    private partial void LogFailed(Exception exception);
}
