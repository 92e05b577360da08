using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Sift.Activities.Connections;
using Sift.Activities.Webhooks;
using Sift.Media.Legs;
using Sift.Workflows.Engine;

namespace Sift.Activities.Calls;

/// <summary>What a change of a connection's status brings with it: the row, the variable, and the callback for its end.</summary>
internal static class ConnectionChange
{
    public static Connection Answered(Connection connection, DateTimeOffset now) =>
        connection with { Status = ConnectionStatus.Connected, StartTime = now };

    public static Connection Ended(Connection connection, LegEnded ended, string? hangUpReason, DateTimeOffset now)
    {
        var reason = hangUpReason ?? ended.Detail ?? ended.Cause switch
        {
            LegEndCause.LocalHangUp => "Sift hung up",
            LegEndCause.RemoteHangUp => "the other end hung up",
            LegEndCause.MediaTimeout => "no media arrived any more",
            _ => Failures.NameOf(ended.Cause),
        };
        return connection.Status == ConnectionStatus.Connected
            ? connection with { Status = ConnectionStatus.Finished, EndTime = now, EndReason = reason }
            : connection with { Status = ConnectionStatus.Failed, EndTime = now, EndReason = reason, Failure = Failures.NameOf(ended.Cause), SipStatus = ended.SipStatus };
    }

    /// <summary>The end of a connection whose leg was lost or is of no use any more.</summary>
    public static Connection Lost(Connection connection, string reason, DateTimeOffset now) =>
        connection.Status == ConnectionStatus.Connected
            ? connection with { Status = ConnectionStatus.Finished, EndTime = now, EndReason = reason }
            : connection with { Status = ConnectionStatus.Failed, EndTime = now, EndReason = reason, Failure = "error" };

    /// <summary>The row and, with a status URL, the callback that tells of it.</summary>
    public static IReadOnlyList<object> Rows(Connection connection, out Delivery? delivery)
    {
        delivery = null;
        if (connection is not { StatusUrl: { } url, EndTime: { } at })
        {
            return [connection];
        }

        var body = PlaceCall.StatusBody(new CallPlan(connection.AccountId), ConnectionJson.ToJson(connection));
        delivery = new Delivery(IdOfStatus(connection), connection.AccountId, connection.Id, null, "status", url, body, DeliveryMode.Event, at) { NextAttemptAt = at };
        return [connection, delivery];
    }

    public static InstanceSignal Signal(string name, Connection connection, IReadOnlyList<object> rows, JsonNode? payload = null, string? finishReason = null) => new(name, null, payload)
    {
        Attachments = rows,
        Variables = new Dictionary<string, JsonNode?> { [ConnectionJson.VariableName] = ConnectionJson.ToJson(connection) },
        FinishReason = finishReason,
    };

    // The same whoever writes it, so that a repetition is recognised.
    private static string IdOfStatus(Connection connection) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{connection.Id}:{ConnectionJson.NameOf(connection.Status)}")).AsSpan(0, 8));
}
