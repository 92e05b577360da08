using System.Text;
using Sift.Workflows.Journal;

namespace Sift.Workflows.Tests.Journal;

/// <summary>What every journal store must do. A store passes by inheriting; each test gets a store of its own, empty.</summary>
public abstract class JournalStoreTests
{
    /// <summary>An empty store.</summary>
    protected abstract ValueTask<IJournalStore> CreateAsync();

    /// <summary>What a new process sees of that store after the old one was killed.</summary>
    protected abstract ValueTask<IJournalStore> ReopenAsync(IJournalStore store);

    [Fact]
    public async Task Keeps_entries_exactly_and_in_order()
    {
        var store = await CreateAsync();
        await AppendAsync(store, "a", 1, 3);
        await AppendAsync(store, "a", 4, 1);
        await AppendAsync(store, "b", 1, 1);

        var entries = await ReadAsync(store, "a", 1);
        Assert.Equal([1L, 2, 3, 4], entries.Select(entry => entry.Sequence));
        Assert.All(entries, entry =>
        {
            Assert.Equal("a", entry.InstanceId);
            Assert.Equal(At(entry.Sequence), entry.At);
            Assert.Equal(TimeSpan.Zero, entry.At.Offset);
            Assert.Equal($"kind{entry.Sequence}", entry.Kind);
            Assert.Equal(Text(entry.Sequence), Encoding.UTF8.GetString(entry.Data.Span));
        });
        Assert.Equal([3L, 4], (await ReadAsync(store, "a", 3)).Select(entry => entry.Sequence));
        Assert.Empty(await ReadAsync(store, "unknown", 1));
    }

    [Fact]
    public async Task Keeps_everything_over_a_restart()
    {
        var store = await CreateAsync();
        await AppendAsync(store, "a", 1, 3);

        var reopened = await ReopenAsync(store);

        Assert.Equal(3, (await ReadAsync(reopened, "a", 1)).Count);
        Assert.Equal(Summary("a", 3), await reopened.FindAsync("a", default));
        await AppendAsync(reopened, "a", 4, 1);
    }

    [Theory]
    [InlineData(3)]
    [InlineData(5)]
    [InlineData(1)]
    public async Task Refuses_entries_that_do_not_follow_the_last_one(long first)
    {
        var store = await CreateAsync();
        await AppendAsync(store, "a", 1, 3);

        await Assert.ThrowsAsync<JournalConflictException>(() => AppendAsync(store, "a", first, 2));

        Assert.Equal(3, (await ReadAsync(store, "a", 1)).Count);
        Assert.Equal(3, (await store.FindAsync("a", default))!.LastSequence);
    }

    [Fact]
    public async Task A_refused_append_does_not_harm_others_committed_with_it()
    {
        var store = await CreateAsync();
        await AppendAsync(store, "a", 1, 1);

        var appends = Enumerable.Range(0, 50)
            .Select(i => i % 10 == 0 ? AppendAsync(store, "a", 1, 1) : AppendAsync(store, $"good{i}", 1, 2))
            .ToList();
        await Task.WhenAll(appends).ContinueWith(_ => { }, TaskScheduler.Default);

        Assert.Equal(5, appends.Count(append => append.Exception?.InnerException is JournalConflictException));
        for (var i = 0; i < 50; i++)
        {
            if (i % 10 != 0) Assert.Equal(2, (await ReadAsync(store, $"good{i}", 1)).Count);
        }
    }

    [Fact]
    public async Task Of_two_owners_that_append_the_same_place_one_wins()
    {
        var store = await CreateAsync();
        await AppendAsync(store, "a", 1, 1);

        var both = new[] { Task.Run(() => AppendAsync(store, "a", 2, 1)), Task.Run(() => AppendAsync(store, "a", 2, 1)) };
        await Task.WhenAll(both).ContinueWith(_ => { }, TaskScheduler.Default);

        Assert.Equal(1, both.Count(append => append.IsCompletedSuccessfully));
        Assert.Equal(2, (await ReadAsync(store, "a", 1)).Count);
    }

    [Fact]
    public async Task Finds_the_latest_summary_with_every_field()
    {
        var store = await CreateAsync();
        await AppendAsync(store, "a", 1, 1);
        var full = Summary("a", 2) with
        {
            CorrelationId = "order 7", Name = "grüße", SubStatus = "Suspended", IncidentCount = 2, AccountId = "account", HasPendingEffects = true,
            UpdatedAt = At(77),
        };
        await store.AppendAsync(new JournalAppend("a", [Entry("a", 2)], full, []), default);

        Assert.Equal(full, await store.FindAsync("a", default));
        Assert.Null(await store.FindAsync("unknown", default));
    }

    [Fact]
    public async Task Lists_what_is_unfinished_or_has_effects_left_oldest_first()
    {
        var store = await CreateAsync();
        await AddAsync(store, Summary("young", 1) with { CreatedAt = At(30) });
        await AddAsync(store, Summary("old", 1) with { CreatedAt = At(10) });
        await AddAsync(store, Finished("done", 20));
        await AddAsync(store, Finished("owing", 20) with { CreatedAt = At(20), HasPendingEffects = true });

        var ids = new List<string>();
        await foreach (var summary in store.UnfinishedAsync(default)) ids.Add(summary.InstanceId);
        Assert.Equal(["old", "owing", "young"], ids);
    }

    [Fact]
    public async Task Purges_old_finished_instances_in_batches_and_never_a_live_one()
    {
        var store = await CreateAsync();
        await AddAsync(store, Summary("live", 1));
        await AddAsync(store, Finished("recent", 1_000));
        for (var i = 0; i < 5; i++) await AddAsync(store, Finished($"old{i}", i));

        Assert.Equal(3, await store.PurgeAsync(At(500), 3, default));
        Assert.Equal(2, await store.PurgeAsync(At(500), 3, default));
        Assert.Equal(0, await store.PurgeAsync(At(500), 3, default));

        Assert.Empty(await ReadAsync(store, "old0", 1));
        Assert.Null(await store.FindAsync("old4", default));
        Assert.NotNull(await store.FindAsync("live", default));
        Assert.Single(await ReadAsync(store, "recent", 1));
    }

    [Fact]
    public async Task Takes_appends_of_many_instances_at_once()
    {
        var store = await CreateAsync();

        await Parallel.ForAsync(0, 200, async (i, _) =>
        {
            for (var sequence = 1; sequence <= 5; sequence++) await AppendAsync(store, $"i{i}", sequence, 1);
        });

        for (var i = 0; i < 200; i++) Assert.Equal([1L, 2, 3, 4, 5], (await ReadAsync(store, $"i{i}", 1)).Select(entry => entry.Sequence));
    }

    protected static InstanceSummary Summary(string id, long last) =>
        new(id, "flow", "flow-v1", 1, null, null, "Running", "Executing", 0, last, At(0), At(last), null);

    private static InstanceSummary Finished(string id, int second) =>
        Summary(id, 1) with { Status = "Finished", SubStatus = "Finished", FinishedAt = At(second) };

    private static Task AppendAsync(IJournalStore store, string id, long first, int count) => store.AppendAsync(
        new JournalAppend(id, [.. Enumerable.Range(0, count).Select(i => Entry(id, first + i))], Summary(id, first + count - 1), []), default).AsTask();

    private static Task AddAsync(IJournalStore store, InstanceSummary summary) =>
        store.AppendAsync(new JournalAppend(summary.InstanceId, [Entry(summary.InstanceId, 1)], summary, []), default).AsTask();

    private static async Task<List<JournalEntry>> ReadAsync(IJournalStore store, string id, long from)
    {
        var entries = new List<JournalEntry>();
        await foreach (var entry in store.ReadAsync(id, from, default)) entries.Add(entry);
        return entries;
    }

    private static JournalEntry Entry(string id, long sequence) => new(id, sequence, At(sequence), $"kind{sequence}", Encoding.UTF8.GetBytes(Text(sequence)));

    private static string Text(long sequence) => $$"""{"n":{{sequence}},"text":"grüße 👋"}""";

    private static DateTimeOffset At(long second) => new DateTimeOffset(2026, 1, 1, 0, 0, 0, 123, TimeSpan.Zero).AddSeconds(second);
}
