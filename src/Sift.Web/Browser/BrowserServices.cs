using Sift.Activities.Connections;
using Sift.Media.WebRtc;
using Sift.Web.Phone;

namespace Sift.Web.Browser;

internal static class BrowserServices
{
    public static IServiceCollection AddSiftBrowser(this IServiceCollection services, IConfiguration settings)
    {
        services.AddSingleton(settings.GetSection("Sift:Browser").Get<BrowserLimits>() ?? new BrowserLimits());
        services.AddSingleton(MediaOptions(settings.GetSection("Sift:WebRtc")));
        services.AddSingleton<VirtualPhoneKey>();
        services.AddSingleton<CapabilityTokens>();
        services.AddSingleton<LoginDesk>();
        services.AddSingleton<BrowserLegsPort>();
        services.AddSingleton(provider => new Switchboard(
            provider.GetRequiredService<BrowserLegsPort>,
            provider.GetRequiredService<CapabilityTokens>().HoldsAsync,
            provider.GetRequiredService<IConnectionStore>(),
            provider.GetRequiredService<BrowserLimits>(),
            provider.GetRequiredService<BrowserOptions>(),
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<Switchboard>>()));
        services.AddHostedService(provider => provider.GetRequiredService<Switchboard>());
        services.AddSingleton<VirtualPhones>();
        services.AddSingleton<SignallingEndpoint>();
        return services;
    }

    /// <summary>Addresses are left out: whoever starts the legs knows what they default to.</summary>
    private static BrowserOptions MediaOptions(IConfigurationSection section)
    {
        var plain = section.AsEnumerable(makePathsRelative: true).Where(static pair => !pair.Key.Contains("Address", StringComparison.OrdinalIgnoreCase));
        return new ConfigurationBuilder().AddInMemoryCollection(plain).Build().Get<BrowserOptions>() ?? new BrowserOptions();
    }

    /// <summary>Before the API's middleware.</summary>
    public static void UseSiftBrowser(this WebApplication app) => app.UseWebSockets(new WebSocketOptions
    {
        // Browsers answer pings by themselves; one that does not is gone.
        KeepAliveInterval = TimeSpan.FromSeconds(15),
        KeepAliveTimeout = TimeSpan.FromSeconds(20),
    });

    public static void MapSiftBrowser(this WebApplication app)
    {
        SignallingEndpoint.Map(app);
        BrowserLibrary.Map(app);
        PhonePage.Map(app);
        PhoneSession.Map(app);
        PhoneCall.Map(app);
    }
}
