using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using Sift.Media.Sip.Sandbox;
using Sift.Web.Storage.GroupCommit;

namespace Sift.Web.Storage;

/// <summary>
/// Registrations of sandbox phones, a row per number. Changes gather while a write is under way and then go out together: a storm of refreshes costs
/// a few transactions, and a number that changes twice meanwhile one row.
/// </summary>
internal sealed partial class RegistrationStore(Database database, GroupCommitWriter writer, TimeProvider time, ILogger<RegistrationStore> logger) : IRegistrationStore
{
    private readonly Lock gate = new();
    private Dictionary<string, RegistrationRow> changed = [];
    private Task writing = Task.CompletedTask;

    /// <summary>Completes when all that was handed in before is written.</summary>
    public Task Written
    {
        get
        {
            lock (gate)
            {
                return writing;
            }
        }
    }

    public async ValueTask<IReadOnlyList<StoredRegistration>> LoadAsync(CancellationToken cancellationToken)
    {
        var found = new List<StoredRegistration>();
        await using var connection = await database.OpenAsync(cancellationToken);
        await using var command = connection.Command("SELECT bindings FROM registrations WHERE expires_at > $1", time.GetUtcNow().UtcTicks);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            found.AddRange(JsonSerializer.Deserialize<StoredRegistration[]>(reader.GetString(0)) ?? []);
        }

        return found;
    }

    public void Keep(string number, IReadOnlyList<StoredRegistration> registrations)
    {
        var expires = registrations.Count == 0 ? 0 : registrations.Max(static one => one.ExpiresAt).UtcTicks;
        lock (gate)
        {
            changed[number] = new RegistrationRow(number, JsonSerializer.Serialize(registrations), expires);
            if (writing.IsCompleted)
            {
                writing = Task.Run(WriteAsync);
            }
        }
    }

    [SuppressMessage("Design", "CA1031", Justification = "A registration that could not be written is written with its next refresh.")]
    private async Task WriteAsync()
    {
        while (true)
        {
            RegistrationRow[] rows;
            lock (gate)
            {
                if (changed.Count == 0)
                {
                    // Under the lock: whoever comes next starts a new task.
                    writing = Task.CompletedTask;
                    return;
                }

                rows = [.. changed.Values];
                changed = [];
            }

            try
            {
                await writer.WriteAsync(null, rows, CancellationToken.None);
            }
            catch (Exception exception)
            {
                LogFailed(exception, rows.Length);
            }
        }
    }

    [LoggerMessage(1032, LogLevel.Warning, "{Count} registrations of phones could not be written")]
    private partial void LogFailed(Exception exception, int count);
}

/// <param name="Bindings">JSON.</param>
/// <param name="ExpiresAt">When the last of them expires, UTC ticks.</param>
internal sealed record RegistrationRow(string Number, string Bindings, long ExpiresAt);
