using Microsoft.Extensions.Logging.Abstractions;
using Sift.Activities.Webhooks;
using Sift.Media.Sip;
using Sift.Web.Storage.GroupCommit;

namespace Sift.Web.Tests.Storage;

public sealed class GroupCommitWriterTests : IBatchWriter
{
    private readonly List<int> groups = [];

    void IBatchWriter.Commit(IReadOnlyList<WriteRequest> group) => groups.Add(group.Count);

    void IDisposable.Dispose()
    {
    }

    [Fact]
    public async Task What_is_patient_is_committed_with_what_is_not()
    {
        using var writer = new GroupCommitWriter(this, TimeProvider.System, NullLogger<GroupCommitWriter>.Instance);
        var patient = writer.WriteAsync(null, [Delivery], isPatient: true, default);
        var impatient = writer.WriteAsync(null, [Delivery], default);

        await patient;
        await impatient;

        Assert.Equal([2], groups);
    }

    [Fact]
    public async Task What_is_patient_and_stays_alone_is_committed_when_its_time_is_over()
    {
        using var writer = new GroupCommitWriter(this, TimeProvider.System, NullLogger<GroupCommitWriter>.Instance);

        await writer.WriteAsync(null, [Delivery], isPatient: true, default);

        Assert.Equal([1], groups);
    }

    [Fact]
    public async Task What_is_deferred_is_gathered_and_committed_within_the_time_asked_for()
    {
        using var writer = new GroupCommitWriter(this, TimeProvider.System, NullLogger<GroupCommitWriter>.Instance);
        for (var round = 1; round <= 3; round++)
        {
            var gathered = new TaskCompletionSource<Task>();
            writer.Gather = () => gathered.TrySetResult(gathered.Task.IsCompleted ? Task.CompletedTask : writer.WriteAsync(null, [Delivery], default).AsTask());

            writer.CommitWithin(TimeSpan.FromMilliseconds(5));

            // After a commit the thread sleeps by itself; what is deferred then is not forgotten.
            await await gathered.Task;
            Assert.Equal(round, groups.Count);
        }
    }

    [Fact]
    public async Task What_is_urgent_does_not_wait_for_what_is_deferred()
    {
        using var writer = new GroupCommitWriter(this, TimeProvider.System, NullLogger<GroupCommitWriter>.Instance);
        writer.CommitWithin(TimeSpan.FromDays(1));
        await writer.WriteAsync(null, [Delivery], default);
        writer.CommitWithin(TimeSpan.FromDays(1));

        await writer.WriteAsync(null, [Delivery], default);

        Assert.Equal([1, 1], groups);
    }

    [Fact]
    public async Task Who_waited_is_told_on_a_thread_that_takes_what_follows_with_it()
    {
        var followUp = new Collected();
        using var writer = new GroupCommitWriter(this, TimeProvider.System, NullLogger<GroupCommitWriter>.Instance, followUp);

        var (isCollecting, thread) = await Task.Run(async () =>
        {
            await writer.WriteAsync(null, [Delivery], default);
            return (followUp.IsCollecting, Thread.CurrentThread.Name);
        });

        Assert.True(isCollecting);
        Assert.NotEqual("sift group commit", thread);
    }

    [Fact]
    public async Task What_is_patient_is_committed_before_the_end()
    {
        var writer = new GroupCommitWriter(this, TimeProvider.System, NullLogger<GroupCommitWriter>.Instance);
        var patient = writer.WriteAsync(null, [Delivery], isPatient: true, default);

        writer.Dispose();

        await patient;
        Assert.Equal([1], groups);
    }

    [Fact]
    public async Task A_reader_who_waits_for_what_was_handed_in_need_not_wait_out_its_patience()
    {
        using var writer = new GroupCommitWriter(this, TimeProvider.System, NullLogger<GroupCommitWriter>.Instance);
        var patient = writer.WriteAsync(null, [Delivery], isPatient: true, default);

        await writer.SettleAsync(default);

        Assert.Equal([2], groups);
        await patient;
    }

    [Fact]
    public async Task A_reader_takes_what_was_deferred_along()
    {
        using var writer = new GroupCommitWriter(this, TimeProvider.System, NullLogger<GroupCommitWriter>.Instance);
        Task? deferred = null;
        writer.Gather = () => deferred ??= writer.WriteAsync(null, [Delivery], default).AsTask();

        await writer.SettleAsync(default);

        Assert.NotEmpty(groups);
        await deferred!;
    }

    [Fact]
    public async Task A_reader_causes_no_transaction_where_nothing_waits()
    {
        using var writer = new GroupCommitWriter(this, TimeProvider.System, NullLogger<GroupCommitWriter>.Instance);

        await writer.SettleAsync(default);

        Assert.Empty(groups);
    }

    private static Delivery Delivery => new("d", "account", null, null, "status", "https://a.example", "{}"u8.ToArray(), DeliveryMode.Event, DateTimeOffset.UnixEpoch);

    /// <summary>Says whether the thread that asks is between the two calls.</summary>
    private sealed class Collected : IFollowUpWork
    {
        private readonly ThreadLocal<bool> collecting = new();

        public bool IsCollecting => collecting.Value;

        public void Collect() => collecting.Value = true;

        public void Finish(Func<bool> isFree) => collecting.Value = false;
    }
}
