using Sift.Protocols.Rtp;

namespace Sift.Protocols.Tests.Rtp;

public sealed class TelephoneEventTests
{
    private readonly TelephoneEventReceiver _receiver = new();

    [Fact]
    public void Reads_and_writes_the_four_bytes()
    {
        var bytes = new byte[4];
        new TelephoneEvent(11, true, 10, 800).Write(bytes);
        Assert.Equal([11, 0x8A, 0x03, 0x20], bytes);
        Assert.True(TelephoneEvent.TryParse(bytes, out var back));
        Assert.Equal(new TelephoneEvent(11, true, 10, 800), back);
        Assert.False(TelephoneEvent.TryParse(bytes.AsSpan(0, 3), out _));
    }

    [Fact]
    public void A_press_with_repeated_ends_is_one_key()
    {
        var keys = Feed((5, 1000, 160, false), (5, 1000, 320, false), (5, 1000, 480, true), (5, 1000, 480, true), (5, 1000, 480, true));
        Assert.Equal("5", keys);
        Assert.False(_receiver.Pressed);
    }

    [Fact]
    public void The_same_key_twice_is_two_presses_even_when_all_ends_of_the_first_are_lost()
    {
        Assert.Equal("55", Feed((5, 1000, 160, false), (5, 1000, 320, false), (5, 3000, 160, false), (5, 3000, 320, true)));
    }

    [Fact]
    public void An_end_alone_is_a_press()
    {
        Assert.Equal("#", Feed((11, 1000, 800, true), (11, 1000, 800, true)));
    }

    [Fact]
    public void A_late_end_of_the_key_before_is_no_new_press()
    {
        Assert.Equal("12", Feed((1, 1000, 160, false), (1, 1000, 800, true), (2, 3000, 160, false), (1, 1000, 800, true), (2, 3000, 800, true)));
    }

    [Fact]
    public void A_key_held_past_the_longest_duration_goes_on_in_segments()
    {
        Assert.Equal("7", Feed((7, 0, 0xFF00, false), (7, 0, 0xFFFF, false), (7, 0xFFFF, 160, false), (7, 0xFFFF, 800, true)));
    }

    [Fact]
    public void Flash_and_unknown_events_are_no_keys() => Assert.Equal("", Feed((16, 0, 160, false), (66, 10, 160, true)));

    [Fact]
    public void A_press_without_any_end_is_over_after_the_timeout_and_not_before()
    {
        Feed((1, 0, 160, false));
        _receiver.OnTime(TelephoneEventReceiver.LostEnd - TimeSpan.FromTicks(1));
        Assert.True(_receiver.Pressed);
        _receiver.OnTime(TelephoneEventReceiver.LostEnd);
        Assert.False(_receiver.Pressed);
    }

    [Fact]
    public void The_sender_marks_the_first_packet_repeats_the_end_and_pauses()
    {
        var sender = new TelephoneEventSender();
        Assert.True(sender.Enqueue('1'));
        Assert.True(sender.Enqueue('#'));
        Assert.False(sender.Enqueue('x'));
        var sent = new List<TelephoneEventPacket>();
        uint timestamp = 4000;
        for (var tick = 0; tick < 40 && sender.Active; tick++, timestamp += 160)
        {
            if (sender.Next(timestamp, 160, 8000) is { } packet)
            {
                sent.Add(packet);
            }
        }

        var first = sent.Where(p => p.Timestamp == sent[0].Timestamp).ToArray();
        Assert.Equal([160, 320, 480, 640, 800, 960, 960, 960], first.Select(p => (int)p.Event.Duration));
        Assert.Equal([true, false, false, false, false, false, false, false], first.Select(p => p.Marker));
        Assert.Equal(3, first.Count(p => p.Event.End));
        Assert.Equal(16, sent.Count);
        Assert.True(sent[8].Timestamp - sent[0].Timestamp >= 960 + 480);
        Assert.Equal(11, sent[8].Event.Event);
        Assert.False(sender.Active);
    }

    [Fact]
    public void What_the_sender_sends_the_receiver_hears_at_any_loss_that_leaves_one_packet()
    {
        var random = new Random(11);
        for (var round = 0; round < 200; round++)
        {
            var receiver = new TelephoneEventReceiver();
            var sender = new TelephoneEventSender();
            const string Keys = "15#*09DA";
            foreach (var key in Keys)
            {
                sender.Enqueue(key);
            }

            var heard = "";
            var now = TimeSpan.Zero;
            uint timestamp = uint.MaxValue - 5000;
            uint lastEvent = 0;
            var gotOne = false;
            for (; sender.Active; timestamp += 160, now += TimeSpan.FromMilliseconds(20))
            {
                receiver.OnTime(now);
                if (sender.Next(timestamp, 160, 8000) is not { } packet)
                {
                    continue;
                }

                gotOne &= packet.Timestamp == lastEvent;
                lastEvent = packet.Timestamp;
                var isLast = packet.Event.End && packet.Event.Duration == 960;
                if (random.Next(100) < 60 && !(isLast && !gotOne))
                {
                    continue;
                }

                gotOne = true;
                var payload = new byte[4];
                packet.Event.Write(payload);
                heard += receiver.OnPacket(new RtpHeader(101, packet.Marker, 0, packet.Timestamp, 9, 12, 4), payload, now)?.ToString();
            }

            Assert.Equal(Keys, heard);
        }
    }

    private string Feed(params (byte Event, uint Timestamp, int Duration, bool End)[] packets)
    {
        var keys = "";
        var payload = new byte[4];
        foreach (var (code, timestamp, duration, end) in packets)
        {
            new TelephoneEvent(code, end, 10, (ushort)duration).Write(payload);
            keys += _receiver.OnPacket(new RtpHeader(101, false, 0, timestamp, 1, 12, 4), payload, TimeSpan.Zero)?.ToString();
        }

        return keys;
    }
}
