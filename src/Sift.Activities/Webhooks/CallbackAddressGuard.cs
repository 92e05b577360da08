using System.Diagnostics.Metrics;
using System.Net;
using System.Net.Http;
using System.Net.Sockets;

namespace Sift.Activities.Webhooks;

/// <summary>
/// Keeps URLs that customers give (callbacks, prompts, sounds) from reaching what is not theirs to reach. The name is resolved, every
/// address checked, and the connection made to that very address, so that a second look-up cannot give another answer.
/// </summary>
public sealed class CallbackAddressGuard
{
    private static readonly Counter<long> Refusals = WebhookMetrics.Meter.CreateCounter<long>("sift.webhooks.refused", description: "URLs refused by the address guard.");

    private readonly bool _allowPrivateNetworks;
    private readonly TimeSpan _connectTimeout;
    private readonly Func<string, CancellationToken, Task<IPAddress[]>> _resolve;

    /// <param name="allowPrivateNetworks">Let URLs reach loopback and private ranges. Link-local ones (cloud metadata) stay out of reach.</param>
    /// <param name="connectTimeout">How long a connection may take, the look-up included.</param>
    /// <param name="resolve">Looks a host name up; the system's resolver when null.</param>
    public CallbackAddressGuard(bool allowPrivateNetworks, TimeSpan connectTimeout, Func<string, CancellationToken, Task<IPAddress[]>>? resolve = null)
    {
        _allowPrivateNetworks = allowPrivateNetworks;
        _connectTimeout = connectTimeout;
        _resolve = resolve ?? (static (host, cancellationToken) => Dns.GetHostAddressesAsync(host, cancellationToken));
    }

    /// <summary>Says why a URL is refused before anything is looked up; null when it may be tried.</summary>
    public string? Refuse(Uri url)
    {
        var reason = Examine(url);
        if (reason is not null)
        {
            Refusals.Add(1);
        }

        return reason;
    }

    /// <summary>Says why an address is refused; null when it may be connected to.</summary>
    public string? Refuse(IPAddress address)
    {
        var kind = AddressKinds.Of(address);
        var allowed = kind == AddressKind.Public || (_allowPrivateNetworks && kind is AddressKind.Loopback or AddressKind.Private);
        return allowed ? null : $"{address} is {AddressKinds.Describe(kind)}";
    }

    /// <summary>
    /// A connection pool that only reaches allowed addresses: no redirects, no cookies, no proxy. The URL itself must be checked with
    /// <see cref="Refuse(Uri)"/> before each request.
    /// </summary>
    public SocketsHttpHandler CreateHandler() => new()
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        UseProxy = false,
        ConnectTimeout = _connectTimeout,
        ConnectCallback = ConnectAsync,
        PooledConnectionIdleTimeout = TimeSpan.FromSeconds(60),

        // A pooled connection is pinned to the address it was made to; renewing it follows changes of the name.
        PooledConnectionLifetime = TimeSpan.FromMinutes(5),
        MaxConnectionsPerServer = 512,
        MaxResponseHeadersLength = 32,
        ActivityHeadersPropagator = null,
    };

    private string? Examine(Uri url)
    {
        if (!url.IsAbsoluteUri || url.Scheme is not ("http" or "https"))
        {
            return "the URL must be http or https";
        }

        if (url.UserInfo.Length > 0)
        {
            return "the URL must not hold credentials";
        }

        if (!_allowPrivateNetworks && url.Port is < 1024 and not (80 or 443))
        {
            return $"port {url.Port} is reserved for other services";
        }

        if (url.HostNameType == UriHostNameType.IPv4 && !url.OriginalString.Contains("//" + url.Host, StringComparison.Ordinal))
        {
            return $"the host is {url.Host} in disguise";
        }

        return IPAddress.TryParse(url.IdnHost, out var address) ? Refuse(address) : null;
    }

    private async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        var host = context.DnsEndPoint.Host;
        var addresses = IPAddress.TryParse(host, out var literal) ? [literal] : await _resolve(host, cancellationToken).ConfigureAwait(false);
        foreach (var address in addresses)
        {
            // One bad address among good ones is a name made to deceive.
            if (Refuse(address) is { } reason)
            {
                Refusals.Add(1);
                throw new CallbackRefusedException($"{host}: {reason}");
            }
        }

        if (addresses.Length == 0)
        {
            throw new SocketException((int)SocketError.HostNotFound);
        }

        return await ConnectAsync(addresses, context.DnsEndPoint.Port, cancellationToken).ConfigureAwait(false);
    }

    private static async Task<Stream> ConnectAsync(IPAddress[] addresses, int port, CancellationToken cancellationToken)
    {
        for (var i = 0; ; i++)
        {
            var socket = new Socket(addresses[i].AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            try
            {
                await socket.ConnectAsync(new IPEndPoint(addresses[i], port), cancellationToken).ConfigureAwait(false);
                return new NetworkStream(socket, ownsSocket: true);
            }
            catch (SocketException) when (i + 1 < addresses.Length)
            {
                socket.Dispose();
            }
            catch
            {
                socket.Dispose();
                throw;
            }
        }
    }
}

/// <summary>A connection that the guard did not allow.</summary>
public sealed class CallbackRefusedException(string message) : IOException(message);
