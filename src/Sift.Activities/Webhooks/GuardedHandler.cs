using System.Net.Http;

namespace Sift.Activities.Webhooks;

/// <summary>Sends requests to URLs that customers give: each is checked by the address guard before anything is sent, and its connection while it is made.</summary>
/// <param name="guard">Says what may be reached.</param>
public sealed class GuardedHandler(CallbackAddressGuard guard) : DelegatingHandler(guard.CreateHandler())
{
    /// <inheritdoc/>
    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        => guard.Refuse(request.RequestUri!) is { } refusal ? throw new HttpRequestException(refusal) : base.SendAsync(request, cancellationToken);
}
