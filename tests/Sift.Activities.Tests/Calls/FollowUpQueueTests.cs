using Sift.Activities.Calls;

namespace Sift.Activities.Tests.Calls;

public sealed class FollowUpQueueTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly FollowUpQueue _queue = new();

    [Fact]
    public void What_a_turn_leads_to_and_what_that_leads_to_is_done_by_the_threads_own_hand()
    {
        var second = new Work();
        var first = new Work { Then = () => _queue.Enqueue(second) };

        _queue.Collect();
        _queue.Enqueue(first);
        Assert.False(first.Done.IsSet);
        _queue.Finish(static () => true);

        Assert.Equal(Environment.CurrentManagedThreadId, first.Thread);
        Assert.Equal(Environment.CurrentManagedThreadId, second.Thread);
    }

    [Fact]
    public void A_thread_that_is_waited_for_hands_the_rest_to_the_pool()
    {
        var (first, second) = (new Work(), new Work());
        var asked = 0;

        _queue.Collect();
        _queue.Enqueue(first);
        _queue.Enqueue(second);
        _queue.Finish(() => asked++ == 0);

        Assert.Equal(Environment.CurrentManagedThreadId, first.Thread);
        Assert.True(second.Done.Wait(Patience));
        Assert.NotEqual(Environment.CurrentManagedThreadId, second.Thread);
    }

    [Fact]
    public void Work_that_never_ends_to_lead_to_more_leaves_the_thread()
    {
        using var elsewhere = new ManualResetEventSlim();
        var here = Environment.CurrentManagedThreadId;
        Work? again = null;
        again = new Work
        {
            Then = () =>
            {
                if (again!.Thread == here)
                {
                    _queue.Enqueue(again);
                }
                else
                {
                    elsewhere.Set();
                }
            },
        };

        _queue.Collect();
        _queue.Enqueue(again);
        _queue.Finish(static () => true);

        Assert.True(elsewhere.Wait(Patience));
    }

    [Fact]
    public void A_thread_that_does_not_collect_uses_the_pool()
    {
        var work = new Work();

        _queue.Enqueue(work);

        Assert.True(work.Done.Wait(Patience));
        Assert.NotEqual(Environment.CurrentManagedThreadId, work.Thread);
    }

    private sealed class Work : IThreadPoolWorkItem
    {
        public ManualResetEventSlim Done { get; } = new();

        public int Thread { get; private set; }

        public Action? Then { get; init; }

        public void Execute()
        {
            Thread = Environment.CurrentManagedThreadId;
            Done.Set();
            Then?.Invoke();
        }
    }
}
