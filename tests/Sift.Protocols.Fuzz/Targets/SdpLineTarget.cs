using System.Text;
using Sift.Protocols.Sdp;

namespace Sift.Protocols.Fuzz.Targets;

/// <summary>The values of single SDP lines, each parser on the same text.</summary>
internal sealed class SdpLineTarget : IFuzzTarget
{
    public string Name => "sdp-line";

    public IReadOnlyList<byte[]> Dictionary { get; } =
        [.. new[] { " ", "IN", "IP4", "IP6", "/", ":", "127", "128", "-", "sha-256", "AB:CD", "/2", "18446744073709551616", "::1", "\0", "é" }.Select(Encoding.UTF8.GetBytes)];

    public void Run(ReadOnlySpan<byte> input)
    {
        var text = Encoding.UTF8.GetString(input);
        if (RtpMap.TryParse(text, out var map) && (map.PayloadType is < 0 or > 127 || map.ClockRate <= 0 || map.Channels <= 0))
        {
            throw new InvalidOperationException($"A payload map out of range: {map}");
        }

        Stays(map?.ToString(), static again => RtpMap.TryParse(again, out var value) ? value.ToString() : null);
        Stays(SdpOrigin.TryParse(text, out var origin) ? origin.ToString() : null, static again => SdpOrigin.TryParse(again, out var value) ? value.ToString() : null);
        Stays(SdpFingerprint.TryParse(text, out var print) ? print.ToString() : null, static again => SdpFingerprint.TryParse(again, out var value) ? value.ToString() : null);
        _ = SdpConnection.TryParse(text, out var connection) && connection.IsUnspecified;
    }

    private static void Stays(string? written, Func<string, string?> again)
    {
        if (written is not null && again(written) != written)
        {
            throw new InvalidOperationException($"Written, read and written again, the value changed: {written}");
        }
    }
}
