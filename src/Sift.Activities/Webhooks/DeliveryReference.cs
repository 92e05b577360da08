using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Sift.Activities.Webhooks;

/// <summary>
/// A delivery as the payload of an effect. It holds what the row holds, so that the first attempt need not read back what was just
/// written; a sensitive body is left out, because people can read journals, and is taken from the row.
/// </summary>
internal static class DeliveryReference
{
    public static JsonObject ToJson(Delivery delivery)
    {
        var json = new JsonObject { ["delivery_id"] = delivery.Id };
        if (!delivery.Sensitive)
        {
            json["account_id"] = delivery.AccountId;
            json["connection_id"] = delivery.ConnectionId;
            json["instance_id"] = delivery.InstanceId;
            json["kind"] = delivery.Kind;
            json["url"] = delivery.Url;
            json["mode"] = delivery.Mode == DeliveryMode.InCall ? "in_call" : "event";
            json["created_at"] = Format(delivery.CreatedAt);
            json["deadline"] = delivery.Deadline is { } deadline ? Format(deadline) : null;
            json["body"] = Encoding.UTF8.GetString(delivery.Body.Span);
        }

        return json;
    }

    public static string? IdOf(JsonNode? json) => json.Text("delivery_id");

    /// <summary>Null when the row must be read.</summary>
    public static Delivery? Read(JsonNode? json)
    {
        if (json.Text("url") is not { } url || json.Text("body") is not { } body || json.Time("created_at") is not { } created)
        {
            return null;
        }

        return new Delivery(
            json.Text("delivery_id")!, json.Text("account_id") ?? "", json.Text("connection_id"), json.Text("instance_id"), json.Text("kind") ?? "", url,
            Encoding.UTF8.GetBytes(body), json.Text("mode") == "in_call" ? DeliveryMode.InCall : DeliveryMode.Event, created)
        {
            Deadline = json.Time("deadline"),
            NextAttemptAt = created,
        };
    }

    private static string Format(DateTimeOffset time) => time.ToString("O", System.Globalization.CultureInfo.InvariantCulture);
}
