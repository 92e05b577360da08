using OpenTelemetry;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Sift.Web.Observability;

/// <summary>Sends traces by OTLP when the standard variable <c>OTEL_EXPORTER_OTLP_ENDPOINT</c> says where to; the exporter reads the other standard ones too.</summary>
internal static class Telemetry
{
    public static IServiceCollection AddSiftTelemetry(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddSingleton<ConnectionTracer>();
        services.AddSingleton<ServerMetrics>();
        services.AddHostedService(provider => provider.GetRequiredService<ServerMetrics>());
        if (configuration["OTEL_EXPORTER_OTLP_ENDPOINT"] is { Length: > 0 } || configuration["OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"] is { Length: > 0 })
        {
            services.AddHostedService<Exporter>();
        }

        return services;
    }

    /// <summary>Holds the exporter as long as the server runs; disposing it sends what is left.</summary>
    private sealed class Exporter : IHostedService, IDisposable
    {
        private TracerProvider? provider;

        public Task StartAsync(CancellationToken cancellationToken)
        {
            provider = Sdk.CreateTracerProviderBuilder()
                .ConfigureResource(resource => resource.AddService("sift"))
                .AddSource(ConnectionTracer.SourceName)
                .AddOtlpExporter()
                .Build();
            return Task.CompletedTask;
        }

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public void Dispose() => provider?.Dispose();
    }
}
