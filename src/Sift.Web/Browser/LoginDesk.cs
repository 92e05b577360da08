using System.Net;
using Sift.Web.Accounts;

namespace Sift.Web.Browser;

/// <summary>Takes tokens at the socket: verifies them and slows down who guesses.</summary>
internal sealed class LoginDesk(CapabilityTokens tokens, LoginThrottle throttle)
{
    /// <returns>Null when the token is refused; the client has been told and its socket closes.</returns>
    public async ValueTask<Capability?> VerifyAsync(IBrowserSocket socket, string? token, IPAddress? address)
    {
        if (throttle.MustWait(address) is not null)
        {
            return Refuse(socket, "too many failed logins from this address");
        }

        var (capability, refusal) = await tokens.VerifyAsync(token);
        if (capability is null)
        {
            throttle.Failed(address);
            return Refuse(socket, refusal!);
        }

        throttle.Succeeded(address);
        BrowserMetrics.Logins.Add(1);
        return capability;
    }

    private static Capability? Refuse(IBrowserSocket socket, string reason)
    {
        BrowserMetrics.Refused.Add(1);
        socket.Send(ServerMessage.Auth(reason));
        socket.Close(SocketClose.Refused, reason);
        return null;
    }
}
