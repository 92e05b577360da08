using System.Net.WebSockets;
using System.Text;
using System.Text.Json.Nodes;
using Sift.Client;

namespace Sift.Bench.Media;

/// <summary>A browser's signalling socket, by the documented protocol: one thing is said or awaited at a time.</summary>
internal sealed class SignallingClient : IDisposable
{
    private readonly ClientWebSocket _socket = new();
    private readonly byte[] _buffer = new byte[64 * 1024];

    public static async Task<SignallingClient> LogInAsync(Uri server, Capability capability, CancellationToken cancellationToken)
    {
        var client = new SignallingClient();
        await client._socket.ConnectAsync(server, cancellationToken);
        await client.SendAsync("auth", capability.Mint(TimeSpan.FromHours(1)), cancellationToken);
        await client.ReceiveAsync("config", cancellationToken);
        return client;
    }

    public Task SendAsync(string type, JsonNode? body, CancellationToken cancellationToken)
    {
        var message = new JsonObject { ["type"] = type };
        if (body is not null)
        {
            message["body"] = body;
        }

        return _socket.SendAsync(Encoding.UTF8.GetBytes(message.ToJsonString()), WebSocketMessageType.Text, true, cancellationToken);
    }

    public Task OfferAsync(string sdp, CancellationToken cancellationToken) =>
        SendAsync("desc", new JsonObject { ["type"] = "offer", ["sdp"] = sdp }, cancellationToken);

    /// <summary>The body of the next message of that type; others are passed over, a call that failed is not.</summary>
    public async Task<JsonNode?> ReceiveAsync(string type, CancellationToken cancellationToken)
    {
        while (true)
        {
            var length = 0;
            ValueWebSocketReceiveResult part;
            do
            {
                part = await _socket.ReceiveAsync(_buffer.AsMemory(length), cancellationToken);
                length += part.Count;
            }
            while (!part.EndOfMessage);

            if (part.MessageType == WebSocketMessageType.Close)
            {
                throw new InvalidOperationException($"The server closed the socket: {_socket.CloseStatusDescription}");
            }

            var message = JsonNode.Parse(_buffer.AsSpan(0, length))!;
            var found = (string)message["type"]!;
            if (found == type)
            {
                return message["body"];
            }

            if (found is "cancel" or "error" or "reset")
            {
                throw new InvalidOperationException($"Instead of {type} came {message.ToJsonString()}");
            }
        }
    }

    public void Dispose() => _socket.Dispose();
}
