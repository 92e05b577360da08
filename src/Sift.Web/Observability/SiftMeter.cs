using System.Diagnostics.Metrics;

namespace Sift.Web.Observability;

/// <summary>The meter of the web project; <c>/metrics</c> shows every meter whose name starts with Sift.</summary>
internal static class SiftMeter
{
    public static readonly Meter Meter = new("Sift.Web");
}
