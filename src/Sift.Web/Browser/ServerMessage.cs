using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Sift.Media.WebRtc;

namespace Sift.Web.Browser;

/// <summary>The messages to a client (docs/browser-protocol.md), ready for the wire.</summary>
internal static class ServerMessage
{
    private static readonly JsonWriterOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static readonly byte[] Accepted = Auth("OK");
    public static readonly byte[] Ring = Write("ring", null);
    public static readonly byte[] HangUp = Write("hangup", null);

    public static byte[] Auth(string verdict) => Write("auth", writer => writer.WriteStringValue(verdict));

    public static byte[] Config(string session, IEnumerable<IceServer> servers) => Object("config", writer =>
    {
        writer.WriteString("session", session);
        writer.WriteStartArray("ice_servers");
        foreach (var server in servers)
        {
            writer.WriteStartObject();
            writer.WriteStartArray("urls");
            foreach (var url in server.Urls)
            {
                writer.WriteStringValue(url);
            }

            writer.WriteEndArray();
            if (server.Username is not null)
            {
                writer.WriteString("username", server.Username);
            }

            if (server.Credential is not null)
            {
                writer.WriteString("credential", server.Credential);
            }

            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    });

    public static byte[] Resumed(string session, string? connectionId, bool connected, bool ringing) => Object("resumed", writer =>
    {
        writer.WriteBoolean("connected", connected);
        writer.WriteBoolean("ringing", ringing);
        if (connectionId is not null)
        {
            writer.WriteString("connection_id", connectionId);
        }

        writer.WriteString("session", session);
    });

    public static byte[] Caller(string from, string connectionId, JsonNode? clientData) => Object("caller", writer =>
    {
        writer.WriteString("from", from);
        writer.WriteString("connection_id", connectionId);
        if (clientData is not null)
        {
            writer.WritePropertyName("client_data");
            clientData.WriteTo(writer);
        }
    });

    public static byte[] Connection(string connectionId) => Object("connection", writer => writer.WriteString("connection_id", connectionId));

    public static byte[] Answer(string sdp) => Object("desc", writer =>
    {
        writer.WriteString("type", "answer");
        writer.WriteString("sdp", sdp);
    });

    /// <summary>As <c>RTCIceCandidateInit</c> has it.</summary>
    public static byte[] Candidate(string candidate, string? mid, int index) => Object("candidate", writer =>
    {
        writer.WriteString("candidate", candidate);
        writer.WriteString("sdpMid", mid);
        writer.WriteNumber("sdpMLineIndex", index);
    });

    public static byte[] Cancel(string reason) => Object("cancel", writer => writer.WriteString("reason", reason));

    public static byte[] Error(string code, string message) => Object("error", writer =>
    {
        writer.WriteString("code", code);
        writer.WriteString("message", message);
    });

    private static byte[] Object(string type, Action<Utf8JsonWriter> members) => Write(type, writer =>
    {
        writer.WriteStartObject();
        members(writer);
        writer.WriteEndObject();
    });

    private static byte[] Write(string type, Action<Utf8JsonWriter>? body)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, Plain))
        {
            writer.WriteStartObject();
            writer.WriteString("type", type);
            if (body is not null)
            {
                writer.WritePropertyName("body");
                body(writer);
            }

            writer.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }
}
