using Sift.Media.Legs;

namespace Sift.Media.Sip.Calls;

/// <summary>A leg of this driver, real or virtual. Touched on the reactor only.</summary>
internal interface IHostedLeg
{
    LegId Id { get; }

    /// <summary>Null before the leg has media, and after it ended.</summary>
    LegMedia? Media { get; }

    /// <summary>The leg has ended; its <see cref="LegEnded"/> is said or about to be.</summary>
    bool IsOver { get; }

    void Ring();

    void Answer();

    void Reject(LegEndCause cause);

    void HangUp(LegEndCause cause, string reason);

    Task<LegSnapshot?> SnapshotAsync(CancellationToken cancellationToken);
}
