using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Sift.Web.Http;

namespace Sift.Web.Browser;

/// <summary>The door for browsers: <c>/webrtc/</c>.</summary>
internal sealed class SignallingEndpoint(Switchboard switchboard, LoginDesk desk, BrowserLimits limits, IHostApplicationLifetime lifetime, TimeProvider time)
{
    private readonly ConcurrentDictionary<IPAddress, int> _addresses = new();

    public static void Map(IEndpointRouteBuilder routes)
        => routes.MapGet("/webrtc/", (HttpContext http, SignallingEndpoint endpoint) => endpoint.AcceptAsync(http)).AllowAnonymous().ExcludeFromDescription();

    private async Task AcceptAsync(HttpContext http)
    {
        if (!http.WebSockets.IsWebSocketRequest)
        {
            http.Response.Headers.Upgrade = "websocket";
            await Problems.Of(StatusCodes.Status426UpgradeRequired, "This is a WebSocket; see docs/browser-protocol.md.").ExecuteAsync(http);
            return;
        }

        if (limits.Origins.Count > 0 && http.Request.Headers.Origin is [{ } origin] && !limits.Origins.Contains(origin, StringComparer.OrdinalIgnoreCase))
        {
            await Problems.Of(StatusCodes.Status403Forbidden, "Pages of this origin may not connect here.").ExecuteAsync(http);
            return;
        }

        var address = http.Connection.RemoteIpAddress;
        var place = ClientPlace.Of(address);
        if (_addresses.AddOrUpdate(place, 1, static (_, count) => count + 1) > limits.SocketsPerAddress)
        {
            Leave(place);
            await Problems.Of(StatusCodes.Status429TooManyRequests, "Too many sockets from this address.").ExecuteAsync(http);
            return;
        }

        try
        {
            using var socket = await http.WebSockets.AcceptWebSocketAsync();
            await new BrowserSocket(socket, switchboard, desk, limits, time).RunAsync(address, lifetime.ApplicationStopping);
        }
        finally
        {
            Leave(place);
        }
    }

    private void Leave(IPAddress place)
    {
        if (_addresses.AddOrUpdate(place, 0, static (_, count) => count - 1) <= 0)
        {
            _addresses.TryRemove(new KeyValuePair<IPAddress, int>(place, 0));
        }
    }
}
