using System.Net;
using System.Net.Sockets;

namespace Sift.Media.Sip.Trunks;

/// <summary>Name look-up, so that tests need no network.</summary>
internal interface IHostResolver
{
    /// <summary>The addresses of a name, in the order to try. Empty when there is none; never throws.</summary>
    Task<IReadOnlyList<IPAddress>> ResolveAsync(string host, CancellationToken cancellationToken);
}

/// <summary>A and AAAA records through the system's resolver.</summary>
internal sealed class SystemResolver : IHostResolver
{
    public async Task<IReadOnlyList<IPAddress>> ResolveAsync(string host, CancellationToken cancellationToken)
    {
        try
        {
            return await Dns.GetHostAddressesAsync(host, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is SocketException or ArgumentException or OperationCanceledException)
        {
            return [];
        }
    }
}
