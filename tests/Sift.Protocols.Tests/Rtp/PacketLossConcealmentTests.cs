using Sift.Protocols.Rtp;

namespace Sift.Protocols.Tests.Rtp;

public sealed class PacketLossConcealmentTests
{
    private readonly PacketLossConcealment _concealment = new(8000);

    [Fact]
    public void A_lost_frame_of_a_voiced_sound_is_close_to_the_sound()
    {
        for (var frame = 0; frame < 10; frame++)
        {
            _concealment.OnReceived(Voice(frame));
        }

        var made = new short[160];
        _concealment.Conceal(made);
        var real = Voice(10);
        Assert.True(SignalToError(real.AsSpan(0, 80), made.AsSpan(0, 80)) > 15, "first 10 ms");
    }

    [Fact]
    public void Long_gaps_fade_to_silence()
    {
        for (var frame = 0; frame < 10; frame++)
        {
            _concealment.OnReceived(Voice(frame));
        }

        var levels = new List<double>();
        for (var lost = 0; lost < 5; lost++)
        {
            var made = new short[160];
            _concealment.Conceal(made);
            levels.Add(made.Average(s => Math.Abs((double)s)));
        }

        Assert.Equal(levels.OrderDescending(), levels);
        Assert.True(levels[0] > 1000);
        Assert.Equal(0, levels[3]);
    }

    [Theory]
    [InlineData(21)]
    [InlineData(22)]
    public void No_click_at_the_edges_of_a_gap(int seed)
    {
        var random = new Random(seed);
        short last = 0;
        for (var frame = 0; frame < 400; frame++)
        {
            var audio = Voice(frame);
            if (random.Next(10) == 0)
            {
                _concealment.Conceal(audio);
            }
            else
            {
                _concealment.OnReceived(audio);
            }

            foreach (var sample in audio)
            {
                // The steepest step of the voice itself is about 2,600.
                Assert.InRange(Math.Abs(sample - last), 0, frame == 0 ? 20000 : 5500);
                last = sample;
            }
        }
    }

    private static short[] Voice(int frame)
    {
        var samples = new short[160];
        for (var i = 0; i < samples.Length; i++)
        {
            var t = ((frame * 160) + i) / 8000.0;
            samples[i] = (short)((4000 * Math.Sin(2 * Math.PI * 125 * t)) + (2500 * Math.Sin(2 * Math.PI * 500 * t)));
        }

        return samples;
    }

    private static double SignalToError(ReadOnlySpan<short> real, ReadOnlySpan<short> made)
    {
        double signal = 1;
        double error = 1;
        for (var i = 0; i < real.Length; i++)
        {
            signal += (double)real[i] * real[i];
            error += Math.Pow(real[i] - made[i], 2);
        }

        return 10 * Math.Log10(signal / error);
    }
}
