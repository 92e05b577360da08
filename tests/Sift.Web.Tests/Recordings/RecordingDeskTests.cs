using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;
using Sift.Activities.Connections;
using Sift.Media.Legs;
using Sift.Media.Recording;
using Sift.Testing;
using Sift.Web.Hosting;
using Sift.Web.Recordings;
using Sift.Web.Storage;
using Sift.Web.Tests.Testing;

namespace Sift.Web.Tests.Recordings;

public sealed class RecordingDeskTests : IDisposable
{
    private readonly string directory = Directory.CreateTempSubdirectory("sift-desk-").FullName;

    [Fact]
    public async Task A_recording_that_begins_while_the_database_is_away_is_entered_when_it_is_back()
    {
        await using var storage = await TestStorage.OpenAsync($"Data Source={directory}/sift.db");
        await storage.Get<IConnectionRows>().SaveAsync([new Connection("c1", "a", "+1", "+2", "incoming", ConnectionStatus.Connected, DateTimeOffset.UnixEpoch)], default);
        await using var connection = await storage.Get<Database>().OpenAsync(default);
        await connection.ExecuteAsync("ALTER TABLE recordings RENAME TO away", default);
        var time = new VirtualTime();
        var failures = new Failures();
        using var desk = new RecordingDesk(storage.Get<RecordingStore>(), new RecordingFiles(new SiftOptions { DataDirectory = directory }), storage.Get<IConnectionStore>(), time, failures);
        await desk.StartAsync(default);

        desk.OnRecording(new RecordingStarted("r1", new LegId("c1"), null, DateTimeOffset.UnixEpoch, 8000));
        await failures.First.Task.WaitAsync(TimeSpan.FromSeconds(20), TimeProvider.System);
        await connection.ExecuteAsync("ALTER TABLE away RENAME TO recordings", default);
        var began = TimeProvider.System.GetTimestamp();
        while (await storage.Get<RecordingStore>().FindAsync("r1", default) is null)
        {
            Assert.True(TimeProvider.System.GetElapsedTime(began) < TimeSpan.FromSeconds(20), "The recording was never entered.");
            time.Advance(RecordingDesk.BetweenAttempts);
            await Task.Yield();
        }

        await desk.StopAsync(default);
    }

    public void Dispose()
    {
        SqliteConnection.ClearAllPools();
        Directory.Delete(directory, recursive: true);
    }

    private sealed class Failures : ILogger<RecordingDesk>
    {
        public TaskCompletionSource First { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull
            => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) => First.TrySetResult();
    }
}
