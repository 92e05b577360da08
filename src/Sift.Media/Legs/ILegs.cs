namespace Sift.Media.Legs;

/// <summary>The leg port: the one road from call control down to phones and browsers.</summary>
public interface ILegs
{
    /// <summary>Hands a command to the leg's owner. Never blocks and never throws for a leg that is gone.</summary>
    void Post(LegCommand command);

    /// <summary>What is needed to continue the leg in a restarted process; null when the leg is gone or has not been answered.</summary>
    ValueTask<LegSnapshot?> SnapshotAsync(LegId leg, CancellationToken cancellationToken);

    /// <summary>Takes up a leg from its snapshot: sockets, dialog and RTP go on where they were.</summary>
    /// <returns>False when its ports or its transport cannot be had any more.</returns>
    ValueTask<bool> RestoreAsync(LegSnapshot snapshot, CancellationToken cancellationToken);
}

/// <summary>The one road upwards. Implemented once, by call control; called in order per leg, never for two events of a leg at once.</summary>
public interface ILegEvents
{
    /// <summary>Must return quickly: it is called on signalling and media threads.</summary>
    void OnLegEvent(LegEvent legEvent);
}
