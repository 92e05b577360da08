using Microsoft.Extensions.Logging.Abstractions;
using Sift.Activities.Webhooks;
using Sift.Web.Storage.GroupCommit;

namespace Sift.Web.Tests.Storage;

public sealed class GroupCommitWriterTests : IBatchWriter
{
    private readonly List<int> groups = [];
    private readonly PatientTime time = new();

    void IBatchWriter.Commit(IReadOnlyList<WriteRequest> group) => groups.Add(group.Count);

    void IDisposable.Dispose()
    {
    }

    [Fact]
    public async Task What_is_patient_is_committed_with_what_is_not()
    {
        using var writer = new GroupCommitWriter(this, time, NullLogger<GroupCommitWriter>.Instance);
        var patient = writer.WriteAsync(null, [Delivery], isPatient: true, default);
        var impatient = writer.WriteAsync(null, [Delivery], default);

        await patient;
        await impatient;

        Assert.Equal([2], groups);
    }

    [Fact]
    public async Task What_is_patient_and_stays_alone_is_committed_when_its_time_is_over()
    {
        using var writer = new GroupCommitWriter(this, time, NullLogger<GroupCommitWriter>.Instance);
        var patient = writer.WriteAsync(null, [Delivery], isPatient: true, default).AsTask();
        Assert.InRange(time.Due, TimeSpan.FromMilliseconds(1), TimeSpan.FromMilliseconds(50));
        Assert.False(patient.IsCompleted);

        time.Ring();

        await patient;
        Assert.Equal([1], groups);
    }

    [Fact]
    public async Task What_is_patient_is_committed_before_the_end()
    {
        var writer = new GroupCommitWriter(this, time, NullLogger<GroupCommitWriter>.Instance);
        var patient = writer.WriteAsync(null, [Delivery], isPatient: true, default);

        writer.Dispose();

        await patient;
        Assert.Equal([1], groups);
    }

    [Fact]
    public async Task A_reader_who_waits_for_what_was_handed_in_need_not_wait_out_its_patience()
    {
        using var writer = new GroupCommitWriter(this, time, NullLogger<GroupCommitWriter>.Instance);
        var patient = writer.WriteAsync(null, [Delivery], isPatient: true, default);

        await writer.SettleAsync(default);

        Assert.Equal([2], groups);
        await patient;
    }

    [Fact]
    public async Task A_reader_takes_what_was_deferred_along()
    {
        using var writer = new GroupCommitWriter(this, time, NullLogger<GroupCommitWriter>.Instance);
        Task? deferred = null;
        writer.Gather = () => deferred ??= writer.WriteAsync(null, [Delivery], default).AsTask();

        await writer.SettleAsync(default);

        Assert.NotEmpty(groups);
        await deferred!;
    }

    [Fact]
    public async Task A_reader_causes_no_transaction_where_nothing_waits()
    {
        using var writer = new GroupCommitWriter(this, time, NullLogger<GroupCommitWriter>.Instance);

        await writer.SettleAsync(default);

        Assert.Empty(groups);
    }

    private static Delivery Delivery => new("d", "account", null, null, "status", "https://a.example", "{}"u8.ToArray(), DeliveryMode.Event, DateTimeOffset.UnixEpoch);

    /// <summary>A clock whose one timer rings when the test says so.</summary>
    private sealed class PatientTime : TimeProvider, ITimer
    {
        private Action ring = static () => { };

        public TimeSpan Due { get; private set; }

        public void Ring() => ring();

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            ring = () => callback(state);
            return this;
        }

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            Due = dueTime;
            return true;
        }

        public void Dispose()
        {
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
