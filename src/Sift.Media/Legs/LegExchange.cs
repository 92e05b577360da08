using Sift.Media.Recording;
using Sift.Media.Rtp;
using Sift.Media.WebRtc;

namespace Sift.Media.Legs;

/// <summary>
/// One leg port over telephones and browsers: a command goes to whoever carries its leg, a new call to whoever knows its destination.
/// Legs of both kinds can be bridged when both sides use one media engine.
/// </summary>
public sealed class LegExchange(ILegs telephones, BrowserLegs browsers, MediaEngine engine, CallRecorder? recorder = null) : ILegs
{
    /// <inheritdoc/>
    public void Post(LegCommand command)
    {
        switch (command)
        {
            case DialLeg dial:
                (BrowserLegs.IsClient(dial.Destination) ? browsers : telephones).Post(PreferPartnersCodec(dial));
                break;
            case RecordLeg record:
                recorder?.Record(record);
                break;
            case StopRecording stop:
                recorder?.Stop(stop);
                break;
            default:
                (browsers.Hosts(command.Leg) ? browsers : telephones).Post(command);
                break;
        }
    }

    /// <inheritdoc/>
    public ValueTask<LegSnapshot?> SnapshotAsync(LegId leg, CancellationToken cancellationToken) =>
        (browsers.Hosts(leg) ? browsers : telephones).SnapshotAsync(leg, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<bool> RestoreAsync(LegSnapshot snapshot, CancellationToken cancellationToken) =>
        (snapshot.Kind == BrowserKind ? browsers : telephones).RestoreAsync(snapshot, cancellationToken);

    private DialLeg PreferPartnersCodec(DialLeg dial) =>
        dial is { Partner: { } partner, PreferredCodecs.Count: 0 } && engine.Find(partner)?.Codec is { } codec ? dial with { PreferredCodecs = [codec] } : dial;

    private const string BrowserKind = "webrtc";
}
