using Sift.Protocols;
using Sift.Protocols.Rtp;

namespace Sift.Media.Rtp;

/// <summary>RTCP of one session: reports on schedule, a BYE at the end, the round trip from the far end's reports.</summary>
internal sealed class RtcpExchange
{
    private readonly RtcpSchedule _schedule;
    private readonly byte[] _canonicalName = new byte[16];
    private uint _lastSenderReport;
    private TimeSpan _lastSenderReportAt;
    private long _sentAtLastReport;

    public RtcpExchange(IEntropy entropy)
    {
        _schedule = new RtcpSchedule(entropy);
        Span<byte> random = stackalloc byte[8];
        entropy.Fill(random);

        // RFC 7022 4.2: a short-term persistent name is random, so that it tells nothing about the host.
        Convert.TryToHexStringLower(random, _canonicalName, out _);
    }

    public TimeSpan? RoundTrip { get; private set; }

    /// <summary>Packets that the far end says it lost of ours, as a share of 256 in its last report.</summary>
    public byte RemoteFractionLost { get; private set; }

    /// <summary>Report blocks about us that came in.</summary>
    public long RemoteReports { get; private set; }

    public void Start(TimeSpan now) => _schedule.Start(now);

    public bool IsDue(TimeSpan now) => _schedule.IsDue(now);

    public void OnPacket(ReadOnlySpan<byte> compound, uint ourSsrc, TimeSpan arrival, ulong ntpArrival)
    {
        var reader = new RtcpReader(compound);
        while (reader.Read())
        {
            if (reader.Type == RtcpType.SenderReport && SenderReport.TryParse(reader.Body, out var report))
            {
                _lastSenderReport = NtpTime.Middle(report.NtpTimestamp);
                _lastSenderReportAt = arrival;
            }

            if (reader.Type is not (RtcpType.SenderReport or RtcpType.ReceiverReport))
            {
                continue;
            }

            for (var i = 0; i < reader.Count && reader.TryReadBlock(i, out var block); i++)
            {
                if (block.Ssrc == ourSsrc)
                {
                    RoundTrip = block.RoundTrip(ntpArrival) ?? RoundTrip;
                    RemoteFractionLost = block.FractionLost;
                    RemoteReports++;
                }
            }
        }
    }

    /// <summary>Writes the compound that is due, or the last one with its BYE.</summary>
    public int Write(Span<byte> buffer, RtpOutlet outlet, ReceptionStatistics reception, TimeSpan now, ulong ntpNow, bool bye)
    {
        ReportBlock? block = reception.Started
            ? reception.TakeReport(_lastSenderReport, _lastSenderReport == 0 ? 0 : NtpTime.Units(now - _lastSenderReportAt))
            : null;
        var writer = new RtcpWriter(buffer);

        // RFC 3550 6.4: an SR only when something was sent since the last report.
        if (outlet.PacketsSent > _sentAtLastReport)
        {
            writer.SenderReport(new SenderReport(outlet.Ssrc, ntpNow, outlet.Clock, (uint)outlet.PacketsSent, (uint)outlet.OctetsSent), block);
        }
        else
        {
            writer.ReceiverReport(outlet.Ssrc, block);
        }

        _sentAtLastReport = outlet.PacketsSent;
        writer.SourceDescription(outlet.Ssrc, _canonicalName);
        if (bye)
        {
            writer.Bye(outlet.Ssrc);
        }

        return writer.Length;
    }
}
