using Sift.Workflows.Journal;

namespace Sift.Workflows.Tests.Journal;

public sealed class InMemoryJournalStoreTests : JournalStoreTests
{
    [Fact]
    public async Task A_crash_loses_what_was_in_flight_and_nothing_else()
    {
        var store = new InMemoryJournalStore();
        var entry = new JournalEntry("a", 1, DateTimeOffset.UnixEpoch, "kind", "{}"u8.ToArray());
        await store.AppendAsync(new JournalAppend("a", [entry], Summary("a", 1), ["row"]), default);
        store.HoldCommits = true;
        var lost = store.AppendAsync(new JournalAppend("a", [entry with { Sequence = 2 }], Summary("a", 2), ["lost"]), default).AsTask();

        var survivor = store.Crash();

        Assert.Equal(1, (await survivor.FindAsync("a", default))!.LastSequence);
        Assert.Equal(["row"], survivor.Attachments);
        Assert.False(lost.IsCompleted);
    }

    protected override ValueTask<IJournalStore> CreateAsync() => new(new InMemoryJournalStore());

    protected override ValueTask<IJournalStore> ReopenAsync(IJournalStore store) => new(((InMemoryJournalStore)store).Crash());
}
