using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Sift.Web.Browser;

/// <summary>
/// What an application sees as <c>client_data</c> (docs/browser.md): the page's value as it is, and when the token passes parameters, an object whose
/// member <c>params</c> holds them. A page cannot forge them: that member of its own is replaced.
/// </summary>
internal static class ClientData
{
    private static readonly JsonSerializerOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <param name="data">What the page passed to <c>connect()</c>; undefined when nothing.</param>
    /// <returns>JSON text; null for none.</returns>
    public static string? Merge(JsonElement data, JsonObject? parameters)
    {
        if (parameters is null)
        {
            return data.ValueKind == JsonValueKind.Undefined ? null : data.GetRawText();
        }

        var merged = new JsonObject();
        if (data.ValueKind == JsonValueKind.Object)
        {
            foreach (var member in data.EnumerateObject())
            {
                merged[member.Name] = member.Value.ValueKind == JsonValueKind.Null ? null : JsonNode.Parse(member.Value.GetRawText());
            }
        }
        else if (data.ValueKind is not (JsonValueKind.Undefined or JsonValueKind.Null))
        {
            merged["data"] = JsonNode.Parse(data.GetRawText());
        }

        merged["params"] = parameters.DeepClone();
        return merged.ToJsonString(Plain);
    }
}
