using System.Text.Json.Nodes;
using System.Threading.Channels;
using Sift.Web.Browser;

namespace Sift.Web.Tests.Browser;

/// <summary>A client's end of the switchboard.</summary>
internal sealed class FakeSocket : IBrowserSocket
{
    private readonly Channel<JsonObject> _messages = Channel.CreateUnbounded<JsonObject>();

    public SocketClose? Closed { get; private set; }

    public void Send(byte[] message) => _messages.Writer.TryWrite(JsonNode.Parse(message)!.AsObject());

    public void Close(SocketClose code, string reason) => Closed ??= code;

    /// <summary>The next message, which must be of that type.</summary>
    public async Task<JsonNode?> NextAsync(string type)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        var message = await _messages.Reader.ReadAsync(limit.Token);
        Assert.Equal(type, (string?)message["type"]);
        return message["body"];
    }

    public void AssertSilent() => Assert.False(_messages.Reader.TryRead(out var message), message?.ToJsonString());
}
