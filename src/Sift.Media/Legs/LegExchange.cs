using Sift.Media.Recording;
using Sift.Media.WebRtc;

namespace Sift.Media.Legs;

/// <summary>
/// One leg port over telephones and browsers: a command goes to whoever carries its leg, a new call to whoever knows its destination.
/// Legs of both kinds can be bridged when both sides use one media engine.
/// </summary>
public sealed class LegExchange(ILegs telephones, BrowserLegs browsers, CallRecorder? recorder = null) : ILegs
{
    /// <inheritdoc/>
    public void Post(LegCommand command)
    {
        switch (command)
        {
            case RecordLeg record:
                recorder?.Record(record);
                return;
            case StopRecording stop:
                recorder?.Stop(stop);
                return;
        }

        var browser = command is DialLeg dial ? BrowserLegs.IsClient(dial.Destination) : browsers.Hosts(command.Leg);
        (browser ? browsers : telephones).Post(command);
    }

    /// <inheritdoc/>
    public ValueTask<LegSnapshot?> SnapshotAsync(LegId leg, CancellationToken cancellationToken) =>
        (browsers.Hosts(leg) ? browsers : telephones).SnapshotAsync(leg, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<bool> RestoreAsync(LegSnapshot snapshot, CancellationToken cancellationToken) =>
        (snapshot.Kind == BrowserKind ? browsers : telephones).RestoreAsync(snapshot, cancellationToken);

    private const string BrowserKind = "webrtc";
}
