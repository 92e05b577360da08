using System.Diagnostics.CodeAnalysis;

namespace Sift.Web.Storage.GroupCommit;

/// <summary>
/// Finds out when the database takes writes again. Nothing is begun while it does not, so that without this nothing would be written either that
/// could succeed.
/// </summary>
internal sealed class CommitRecovery(GroupCommitWriter writer, TimeProvider time) : BackgroundService
{
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    // Something that needs room: an empty transaction succeeds on a full disk.
    private static readonly object[] Something =
    [
        new PlainStatement("INSERT INTO change_marks (topic, version) VALUES ($1, 1) ON CONFLICT (topic) DO UPDATE SET version = change_marks.version + 1", ["CommitRecovery"]),
    ];

    [SuppressMessage("Design", "CA1031", Justification = "Whatever keeps the database from writing is told by the writer.")]
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            if (writer.Failure is null)
            {
                continue;
            }

            try
            {
                await writer.WriteAsync(null, Something, stoppingToken);
            }
            catch (Exception exception) when (exception is not OperationCanceledException)
            {
                // Not yet.
            }
        }
    }
}
