using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;

namespace Sift.Web.Storage;

/// <summary>What caches are built from. Every change of it raises a number in the database.</summary>
internal enum ChangeTopic { Accounts, Numbers, Definitions, WebhookSecrets, WebhookEndpoints }

/// <summary>
/// Tells caches that their source has changed, in this process at once and in others (a second node, an operator's command) within half a
/// second: each topic has a counter row that is raised with every change and read twice a second.
/// </summary>
internal sealed partial class ChangeMarks(Database database, TimeProvider time, ILogger<ChangeMarks> logger) : BackgroundService
{
    public static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(500);

    private readonly ConcurrentDictionary<ChangeTopic, long> seen = new();

    /// <summary>Raised on any thread; subscribers drop what they have cached.</summary>
    public event Action<ChangeTopic>? Changed;

    /// <summary>Raises the counter. Call it after the change is committed.</summary>
    public async ValueTask RaiseAsync(ChangeTopic topic, CancellationToken cancellationToken)
    {
        Changed?.Invoke(topic);
        await using var connection = await database.OpenAsync(cancellationToken);
        await connection.ExecuteAsync(
            "INSERT INTO change_marks (topic, version) VALUES ($1, 1) ON CONFLICT (topic) DO UPDATE SET version = change_marks.version + 1", cancellationToken, topic.ToString());
    }

    /// <summary>Compares the counters with those seen last.</summary>
    public async ValueTask CheckAsync(CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        await using var command = connection.Command("SELECT topic, version FROM change_marks");
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            if (Enum.TryParse<ChangeTopic>(reader.GetString(0), out var topic))
            {
                var version = reader.GetInt64(1);
                if (seen.GetValueOrDefault(topic) != version)
                {
                    seen[topic] = version;
                    Changed?.Invoke(topic);
                }
            }
        }
    }

    [SuppressMessage("Design", "CA1031", Justification = "The loop must outlive a database that is away for a while.")]
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await CheckAsync(stoppingToken);
            }
            catch (Exception exception) when (exception is not OperationCanceledException)
            {
                LogFailed(exception);
            }
        }
    }

    [LoggerMessage(1020, LogLevel.Warning, "Could not look for changes in the database")]
    private partial void LogFailed(Exception exception);
}
