using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Sift.Activities.Connections;

/// <summary>The Connection object as the API and the callbacks show it (sift-api 2.2): unset properties are absent.</summary>
public static class ConnectionJson
{
    /// <summary>The workflow variable that holds it.</summary>
    public const string VariableName = "connection";

    /// <summary>The wire form.</summary>
    public static JsonObject ToJson(Connection connection)
    {
        var json = new JsonObject
        {
            ["connection_id"] = connection.Id,
            ["status"] = NameOf(connection.Status),
        };
        if (connection.StartTime is { } start)
        {
            json["start_time"] = FormatTime(start);
        }

        if (connection is { Status: ConnectionStatus.Finished, EndTime: { } end })
        {
            json["end_time"] = FormatTime(end);
        }

        json["from"] = connection.From;
        json["to"] = connection.To;
        json["direction"] = connection.Direction;
        if (connection.ClientData is { } data)
        {
            json["client_data"] = data.DeepClone();
        }

        if (connection.Failure is { } failure)
        {
            json["failure"] = failure;
        }

        if (connection.SipStatus is { } status)
        {
            json["sip_status"] = status;
        }

        if (connection.ParentId is { } parent)
        {
            json["parent_id"] = parent;
        }

        return json;
    }

    /// <summary>ISO 8601, UTC, whole seconds, <c>Z</c> (sift-api 1.7).</summary>
    public static string FormatTime(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    /// <summary>The status on the wire.</summary>
    public static string NameOf(ConnectionStatus status) => status switch
    {
        ConnectionStatus.Connecting => "connecting",
        ConnectionStatus.Connected => "connected",
        ConnectionStatus.Failed => "failed",
        ConnectionStatus.Finished => "finished",
    };

    internal static JsonNode? ParseClientData(string? json)
    {
        try
        {
            return json is null ? null : JsonNode.Parse(json);
        }
        catch (JsonException)
        {
            return JsonValue.Create(json);
        }
    }
}
