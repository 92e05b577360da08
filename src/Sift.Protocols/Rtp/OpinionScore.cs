namespace Sift.Protocols.Rtp;

/// <summary>
/// A mean opinion score from transport figures by a shortened E-model (ITU-T G.107): R = 93.2 - Id - Ie,eff. Delay counts round trip / 2
/// plus twice the jitter (the buffer) plus 20 ms of packet; loss counts by G.113's figures for G.711 with concealment (Ie 0, Bpl 25.1),
/// taken as random. It is an estimate for trends and alarms, not a measurement of what anyone heard.
/// </summary>
public static class OpinionScore
{
    private const double DefaultRating = 93.2;
    private const double LossRobustness = 25.1;

    /// <param name="lossRatio">Lost of expected, 0 to 1.</param>
    /// <returns>1.0 to 4.4.</returns>
    public static double Estimate(double lossRatio, TimeSpan jitter, TimeSpan? roundTrip)
    {
        var delay = ((roundTrip ?? TimeSpan.Zero).TotalMilliseconds / 2) + (jitter.TotalMilliseconds * 2) + 20;
        var delayImpairment = (0.024 * delay) + (delay > 177.3 ? 0.11 * (delay - 177.3) : 0);
        var loss = Math.Clamp(lossRatio, 0, 1) * 100;
        var lossImpairment = 95 * loss / (loss + LossRobustness);
        var rating = Math.Clamp(DefaultRating - delayImpairment - lossImpairment, 0, 100);

        // G.107 annex B: rating to opinion.
        var score = 1 + (0.035 * rating) + (rating * (rating - 60) * (100 - rating) * 7e-6);
        return Math.Clamp(score, 1, 4.5);
    }
}
