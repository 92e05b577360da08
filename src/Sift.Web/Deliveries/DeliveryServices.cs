using Sift.Activities.Webhooks;
using Sift.Web.Observability;
using Sift.Web.Observability.Captures;

namespace Sift.Web.Deliveries;

internal static class DeliveryServices
{
    public static IServiceCollection AddSiftDeliveries(this IServiceCollection services)
    {
        services.AddSingleton<AuditLog>();
        services.AddSingleton<WebhookSecretStore>();
        services.AddSingleton<IWebhookSecrets>(provider => provider.GetRequiredService<WebhookSecretStore>());
        services.AddSingleton<WebhookEndpoints>();
        services.AddSingleton<IWebhookEndpoints>(provider => provider.GetRequiredService<WebhookEndpoints>());
        services.AddHostedService(provider => provider.GetRequiredService<WebhookEndpoints>());
        services.AddSingleton<DeliveryList>();
        services.AddSingleton<EndpointControl>();
        services.AddSingleton<RedeliveryFilterValidator>();
        services.AddSingleton<SecretRotationValidator>();
        services.ConfigureHttpJsonOptions(json => json.SerializerOptions.TypeInfoResolverChain.Insert(0, DeliveryJson.Wire));
        return services;
    }

    public static void MapSiftDeliveries(this IEndpointRouteBuilder app)
    {
        var v0 = app.MapGroup("/v0");
        ReadTimeline.Map(v0);
        ReadCapture.Map(v0);
        ListDeliveries.Map(v0);
        ReadDelivery.Map(v0);
        RedeliverDelivery.Map(v0);
        RedeliverDeliveries.Map(v0);
        EndpointRoutes.Map(v0);
        WebhookSecretRoutes.Map(v0);
    }
}
