namespace Sift.Web.Observability;

/// <summary>Puts every successful change of configuration on the audit log, whichever door it came through.</summary>
internal static class AuditTrail
{
    /// <summary>Marks routes whose requests are not configuration changes: calls, for example.</summary>
    internal sealed record NotAudited;

    public static void UseSiftAudit(this WebApplication app) => app.Use(async (http, next) =>
    {
        await next(http);
        if (HttpMethods.IsGet(http.Request.Method) || HttpMethods.IsHead(http.Request.Method) || http.Response.StatusCode >= 400 || http.User.Identity is not { IsAuthenticated: true } identity)
        {
            return;
        }

        var endpoint = http.GetEndpoint();
        if (endpoint?.Metadata.GetMetadata<NotAudited>() is not null || endpoint?.Metadata.GetMetadata<IEndpointNameMetadata>()?.EndpointName is not { } action
            || http.Request.Path.StartsWithSegments("/v0/connections"))
        {
            return;
        }

        var account = http.User.FindFirst(System.Security.Claims.ClaimTypes.NameIdentifier)?.Value;
        var actor = string.Equals(identity.AuthenticationType, "Basic", StringComparison.Ordinal) ? "token" : "console";
        await http.RequestServices.GetRequiredService<AuditLog>().WriteAsync(account, actor, action, http.Request.Path, http.Connection.RemoteIpAddress?.ToString(), CancellationToken.None);
    });
}
