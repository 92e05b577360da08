using System.Net;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Sift.Media.Sip;
using Sift.Protocols.Sip.Transactions;

namespace Sift.Media.Tests.Sip;

/// <summary>Who takes the turns of a reactor, with real threads and the real clock.</summary>
public sealed class SipReactorTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private static readonly SipFlow Flow = new(SipTransport.Udp, 0, new(IPAddress.Loopback, 5060), new(IPAddress.Loopback, 5062));

    private static readonly byte[] Options = Encoding.ASCII.GetBytes(
        "OPTIONS sip:a@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1;branch=z9hG4bK1\r\nFrom: <sip:a@b>;tag=1\r\nTo: <sip:a@b>\r\n"
        + "Call-ID: 1\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n");

    private readonly SipReactor _reactor = new(TimeProvider.System, NullLogger.Instance);

    public void Dispose() => _reactor.Dispose();

    [Fact]
    public void A_message_is_handled_by_the_thread_that_received_it_while_nobody_else_is_at_work()
    {
        const int messages = 100;
        using var host = new Host(_reactor);
        Start(host);

        for (var i = 0; i < messages; i++)
        {
            _reactor.OnBytes(Flow, Options);
            _reactor.OnReceived();
        }

        // The own thread may still be on its way to sleep and take the first few.
        Assert.True(SpinWait.SpinUntil(() => _reactor.IsIdle, Patience));
        Assert.Equal(messages, host.Messages.Count);
        Assert.InRange(host.Messages.Count(static thread => thread == Environment.CurrentManagedThreadId), messages / 2, messages);
    }

    [Fact]
    public void Nothing_runs_before_the_start()
    {
        using var host = new Host(_reactor);
        _reactor.Attach(host);

        _reactor.OnBytes(Flow, Options);
        _reactor.OnReceived();

        Assert.Empty(host.Messages);
    }

    [Fact]
    public void A_message_that_comes_during_a_turn_waits_for_its_end()
    {
        using var host = new Host(_reactor);
        Start(host);
        using var busy = new ManualResetEventSlim();
        using var go = new ManualResetEventSlim();
        _reactor.Post(() =>
        {
            busy.Set();
            go.Wait(Patience);
        });
        Assert.True(busy.Wait(Patience));

        _reactor.OnBytes(Flow, Options);
        _reactor.OnReceived();
        Assert.Empty(host.Messages);
        go.Set();

        Assert.True(host.Handled.Wait(Patience));
        Assert.NotEqual(Environment.CurrentManagedThreadId, Assert.Single(host.Messages));
    }

    [Fact]
    public void A_timer_armed_on_the_receiving_thread_fires_in_time_although_the_own_thread_slept_longer()
    {
        using var host = new Host(_reactor) { ArmOnMessage = TimeSpan.FromMilliseconds(50) };
        Start(host);

        _reactor.OnBytes(Flow, Options);
        _reactor.OnReceived();

        // Without the waking the own thread would sleep ten seconds on.
        Assert.True(host.Fired.Wait(TimeSpan.FromSeconds(5)));
    }

    [Fact]
    public void A_command_is_done_before_its_post_returns_while_nobody_else_is_at_work()
    {
        const int commands = 100;
        using var host = new Host(_reactor);
        Start(host);
        var atOnce = 0;

        for (var i = 0; i < commands; i++)
        {
            var thread = 0;
            _reactor.Do(() => Volatile.Write(ref thread, Environment.CurrentManagedThreadId));
            atOnce += Volatile.Read(ref thread) == Environment.CurrentManagedThreadId ? 1 : 0;
        }

        // The own thread may still be on its way to sleep and take the first few.
        Assert.InRange(atOnce, commands / 2, commands);
    }

    [Fact]
    public void What_a_turn_posts_is_done_after_it_and_never_within()
    {
        using var host = new Host(_reactor);
        Start(host);
        using var done = new ManualResetEventSlim();
        var order = new List<string>();

        _reactor.Do(() =>
        {
            _reactor.Do(() => order.Add("command"));
            _reactor.Post(() => order.Add("work"));
            order.Add("first");
            _reactor.Post(done.Set);
        });

        Assert.True(done.Wait(Patience));
        Assert.Equal(["first", "command", "work"], order);
    }

    [Fact]
    public void Turns_never_overlap_and_no_input_is_lost_under_load_from_many_threads()
    {
        const int threads = 6;
        const int each = 2_000;
        using var host = new Host(_reactor);
        Start(host);
        var posted = 0;

        var work = Enumerable.Range(0, threads).Select(index => new Thread(() =>
        {
            for (var i = 0; i < each; i++)
            {
                switch (index % 3)
                {
                    case 0:
                        _reactor.OnBytes(Flow, Options);
                        _reactor.OnReceived();
                        break;
                    case 1:
                        _reactor.Post(() => posted++);
                        break;
                    default:
                        _reactor.Do(() => posted++);
                        break;
                }
            }
        })).ToList();
        work.ForEach(static thread => thread.Start());
        work.ForEach(static thread => thread.Join());

        using var drained = new ManualResetEventSlim();
        _reactor.Post(drained.Set);
        Assert.True(drained.Wait(Patience));
        Assert.Equal(threads / 3 * each, host.Messages.Count);
        Assert.Equal(threads * 2 / 3 * each, posted);
        Assert.False(host.Overlapped);
    }

    [Fact]
    public void A_thread_that_receives_follows_up_after_its_turn_and_one_whose_work_is_waited_for_does_not()
    {
        var followUp = new FollowUp();
        using var host = new Host(_reactor);
        _reactor.FollowUp = followUp;
        Start(host);
        var free = () => true;

        _reactor.OnBytes(Flow, Options);
        _reactor.OnReceived();
        Assert.DoesNotContain(Environment.CurrentManagedThreadId, followUp.Finished);
        _reactor.OnBytes(Flow, Options);
        _reactor.OnReceived(free);

        Assert.Contains(Environment.CurrentManagedThreadId, followUp.Finished);
        Assert.Same(free, followUp.IsFree);
        Assert.Equal(0, followUp.NotBegun);
    }

    private void Start(Host host)
    {
        _reactor.Attach(host);
        _reactor.Start();
        using var started = new ManualResetEventSlim();
        _reactor.Post(started.Set);
        Assert.True(started.Wait(Patience));
        Assert.True(SpinWait.SpinUntil(() => _reactor.IsIdle, Patience));
    }

    private sealed class FollowUp : IFollowUpWork
    {
        [ThreadStatic]
        private static bool collecting;

        public System.Collections.Concurrent.ConcurrentBag<int> Finished { get; } = [];

        public int Receiver { get; } = Environment.CurrentManagedThreadId;

        public Func<bool>? IsFree { get; private set; }

        /// <summary>How often it was asked to end what it had not begun.</summary>
        public int NotBegun { get; private set; }

        public void Collect() => collecting = true;

        public void Finish(Func<bool> isFree)
        {
            NotBegun += collecting ? 0 : 1;
            collecting = false;
            Finished.Add(Environment.CurrentManagedThreadId);
            if (Environment.CurrentManagedThreadId == Receiver)
            {
                IsFree = isFree;
            }
        }
    }

    private sealed class Host(SipReactor reactor) : ISipReactorHost, IDisposable
    {
        private int _inside;

        public TimeSpan? ArmOnMessage { get; init; }

        public List<int> Messages { get; } = [];

        public bool Overlapped { get; private set; }

        public ManualResetEventSlim Handled { get; } = new();

        public ManualResetEventSlim Fired { get; } = new();

        public TimeSpan? Deadline { get; private set; }

        public void OnInput(in SipInput input, TimeSpan now)
        {
            Overlapped |= Interlocked.Increment(ref _inside) != 1;
            if (input.Kind == SipInputKind.Work)
            {
                ((Action)input.Payload!)();
            }
            else
            {
                Messages.Add(Environment.CurrentManagedThreadId);
                Deadline = reactor.Now + ArmOnMessage;
                Handled.Set();
            }

            Interlocked.Decrement(ref _inside);
        }

        public void OnTimer(TimeSpan now)
        {
            if (Deadline <= now)
            {
                Deadline = null;
                Fired.Set();
            }
        }

        public void Dispose()
        {
            Handled.Dispose();
            Fired.Dispose();
        }
    }
}
