namespace Sift.Web.Http;

/// <summary>Where people look at an instance. A call's instance has the id of its connection.</summary>
internal static class InstancePages
{
    public static string ViewerOf(string instanceId) => $"/studio/workflows/instances/{Uri.EscapeDataString(instanceId)}/view";

    public static string HistoryOf(string instanceId) => $"/studio/workflows/instances/{Uri.EscapeDataString(instanceId)}/history";
}
