using System.ComponentModel;
using System.Text.Json.Nodes;
using Sift.Activities.Connections;
using Sift.Web.Http;

namespace Sift.Web.Connections;

/// <summary>A connection as the API shows it (sift-api 2.2). Unset properties are absent.</summary>
internal sealed record ConnectionObject(
    [property: Description("Unique id, 16 hex digits.")] string ConnectionId,
    [property: Description("connecting, connected, failed or finished.")] string Status,
    [property: Description("Phone number or webrtc:name that initiated.")] string From,
    [property: Description("Phone number or webrtc:name that received.")] string To,
    [property: Description("incoming: someone reached Sift. outgoing: Sift placed it.")] string Direction)
{
    [Description("When it was answered; ISO 8601, UTC.")]
    public string? StartTime { get; init; }

    [Description("When it ended; only with status finished.")]
    public string? EndTime { get; init; }

    [Description("Whatever the browser client passed to connect().")]
    public JsonNode? ClientData { get; init; }

    [Description("Application that handles the call.")]
    public string? AppId { get; init; }

    [Description("The same value as app_id.")]
    public string? ApplicationId { get; init; }

    [Description("With status failed: busy, no_answer, declined, unreachable, not_found, forbidden or error.")]
    public string? Failure { get; init; }

    [Description("Why it ended, in words. Of a browser without microphone it names the error of sift.js: mic-permission-denied, no-mic or mic-disabled.")]
    public string? EndReason { get; init; }

    [Description("Final SIP status of the call, when there was one.")]
    public int? SipStatus { get; init; }

    [Description("Connection whose CallPhone or CallClient placed this one.")]
    public string? ParentId { get; init; }

    [Description("Id of the instance that runs it: its own, or that of the connection that placed it.")]
    public string? InstanceId { get; init; }

    [Description("Path of the page that shows that instance on its flow.")]
    public string? ViewerUrl { get; init; }

    [Description("Path of the page that steps through its history.")]
    public string? HistoryUrl { get; init; }

    public static ConnectionObject Of(Connection connection) => new(connection.Id, ConnectionJson.NameOf(connection.Status), connection.From, connection.To, connection.Direction)
    {
        StartTime = connection.StartTime is { } start ? ConnectionJson.FormatTime(start) : null,
        EndTime = connection is { Status: ConnectionStatus.Finished, EndTime: { } end } ? ConnectionJson.FormatTime(end) : null,
        ClientData = connection.ClientData?.DeepClone(),
        AppId = connection.ApplicationId,
        ApplicationId = connection.ApplicationId,
        Failure = connection.Failure,
        EndReason = connection.EndReason,
        SipStatus = connection.SipStatus,
        ParentId = connection.ParentId,
        InstanceId = connection.ParentId ?? connection.Id,
        ViewerUrl = InstancePages.ViewerOf(connection.ParentId ?? connection.Id),
        HistoryUrl = InstancePages.HistoryOf(connection.ParentId ?? connection.Id),
    };
}
