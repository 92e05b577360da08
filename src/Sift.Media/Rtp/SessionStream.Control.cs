using Sift.Protocols.Rtp;

namespace Sift.Media.Rtp;

/// <summary>The RTCP side of a session: its own socket and latch, or the RTP ones when muxed.</summary>
internal sealed partial class SessionStream
{
    private readonly SymmetricLatch _controlLatch = new();

    private void ConfigureControl(MediaParameters parameters)
    {
        var control = parameters.RemoteControl is { } given
            ? TransportAddress.From(given)
            : TransportAddress.From(parameters.Remote) with { Port = (ushort)(parameters.Remote.Port + 1) };
        _controlLatch.OnSignalled(control, parameters.Latch switch
        {
            LatchPolicy.SignalledOnly => LatchScope.SignalledOnly,
            LatchPolicy.SignalledHost => LatchScope.SameHost,
            LatchPolicy.AnyHost => LatchScope.AnyHost,
        });
    }

    private void DrainControl(MediaShard shard, TimeSpan now)
    {
        var batch = shard.Batch;
        var count = _ports.Control.Receive(batch);
        for (var i = 0; i < count; i++)
        {
            OnControl(batch[i], batch.Sources[i], Arrival(shard, batch.Stamps[i], now), batch.Stamps[i], shard, now);
        }
    }

    private void OnControl(ReadOnlySpan<byte> compound, TransportAddress source, TimeSpan arrival, long stamp, MediaShard shard, TimeSpan now)
    {
        var latch = _parameters!.RtcpMux ? Inlet.Latch : _controlLatch;
        if (!RtpHeader.IsRtcp(compound) || latch.OnPacket(source, now) == LatchVerdict.Reject)
        {
            return;
        }

        var wall = DateTimeOffset.UnixEpoch + TimeSpan.FromTicks((stamp == 0 ? shard.WallNanoseconds : stamp) / 100);
        var reports = _rtcp.RemoteReports;
        _rtcp.OnPacket(compound, Outlet.Ssrc, arrival, NtpTime.From(wall));
        if (_rtcp.RemoteReports > reports)
        {
            Outlet.OnLossReported(_rtcp.RemoteFractionLost / 256.0);
        }
    }

    private void SendControl(MediaShard shard, TimeSpan now, bool bye)
    {
        Span<byte> buffer = stackalloc byte[256];
        var wall = _engine.Time.GetUtcNow();
        var length = _rtcp.Write(buffer, Outlet, Inlet.Statistics, now, NtpTime.From(wall), bye);
        var mux = _parameters!.RtcpMux;
        var target = mux ? Inlet.Latch.Target : ControlTarget();
        if (!target.IsEmpty)
        {
            (mux ? _ports.Rtp : _ports.Control).Send(buffer[..length], target);
        }
    }

    private TransportAddress ControlTarget()
    {
        // A phone behind NAT shows its RTP address before its RTCP one: the next port of that host is the best guess until then.
        if (!_controlLatch.Learned && Inlet.Latch.Learned)
        {
            return Inlet.Latch.Target with { Port = (ushort)(Inlet.Latch.Target.Port + 1) };
        }

        return _controlLatch.Target;
    }
}
