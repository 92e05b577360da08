using Sift.Media.Legs;

namespace Sift.Media.WebRtc;

/// <summary>
/// The way from browser legs to the clients: implemented by whoever holds their sockets. Called on one thread, in order; implementations
/// return at once and never throw for a client that is gone.
/// </summary>
public interface IBrowserSignalling
{
    /// <summary>
    /// Rings every idle socket of a client name. The outcome comes back through <see cref="BrowserLegs.Ringing"/>,
    /// <see cref="BrowserLegs.Accept"/> or <see cref="BrowserLegs.Refuse"/>; without one the ringing times out.
    /// </summary>
    void Ring(BrowserRing ring);

    /// <summary>
    /// Sends the answer to the client's last offer (<c>desc</c>). All candidates are in it that are known; with <see cref="IceMode.Full"/> one
    /// may follow.
    /// </summary>
    void Answer(LegId leg, string sdp);

    /// <summary>A candidate that was learnt after the answer.</summary>
    /// <param name="candidate"><c>candidate:…</c></param>
    /// <param name="mid">Of the audio section; null when it has none.</param>
    /// <param name="index">Of the audio section.</param>
    void Candidate(LegId leg, string candidate, string? mid, int index);

    /// <summary>An offer cannot be used; the leg goes on as it was when it was up, else its end follows.</summary>
    void RefuseOffer(LegId leg, string reason);

    /// <summary>The leg is over; said exactly once for every leg that was rung or connected. Ringing sockets stop ringing.</summary>
    void End(BrowserEnd end);
}
