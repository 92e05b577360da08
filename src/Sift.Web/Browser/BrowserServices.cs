using Sift.Activities.Connections;
using Sift.Media.WebRtc;
using Sift.Web.Phone;

namespace Sift.Web.Browser;

internal static class BrowserServices
{
    public static IServiceCollection AddSiftBrowser(this IServiceCollection services, IConfiguration settings)
    {
        services.AddSingleton(Limits(settings));
        services.AddSingleton(MediaOptions(settings));
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

    /// <summary>What is wrong with the settings of browsers, each with its name.</summary>
    public static IEnumerable<string> Check(IConfiguration settings)
    {
        foreach (var section in new[] { "BindAddress", "PublicAddresses" }.Select(name => settings.GetSection("Sift:WebRtc:" + name)))
        {
            foreach (var value in section.AsEnumerable().Where(static pair => pair.Value is not null))
            {
                if (!System.Net.IPAddress.TryParse(value.Value, out _))
                {
                    yield return $"{value.Key.Replace(":", "__", StringComparison.Ordinal)} must be an IP address.";
                }
            }
        }

        if (Bound(() => Limits(settings), out var limits) is { } wrongLimits)
        {
            yield return wrongLimits;
        }
        else if (limits is not { SocketsPerAddress: > 0, SocketsPerAccount: > 0, SocketsPerName: > 0, MessagesPerSecond: > 0 })
        {
            yield return "The limits below Sift__Browser must be at least 1.";
        }

        if (Bound(() => MediaOptions(settings), out var media) is { } wrongMedia)
        {
            yield return wrongMedia;
        }
        else if (media!.OpusSampleRate is not (8000 or 12000 or 16000 or 24000 or 48000))
        {
            yield return "Sift__WebRtc__OpusSampleRate must be 8000, 12000, 16000, 24000 or 48000.";
        }
    }

    private static BrowserLimits Limits(IConfiguration settings) => settings.GetSection("Sift:Browser").Get<BrowserLimits>() ?? new BrowserLimits();

    /// <summary>Addresses are left out: whoever starts the legs knows what they default to.</summary>
    private static BrowserOptions MediaOptions(IConfiguration settings)
    {
        var plain = settings.GetSection("Sift:WebRtc").AsEnumerable(makePathsRelative: true).Where(static pair => !pair.Key.Contains("Address", StringComparison.OrdinalIgnoreCase));
        return new ConfigurationBuilder().AddInMemoryCollection(plain).Build().Get<BrowserOptions>() ?? new BrowserOptions();
    }

    private static string? Bound<T>(Func<T> bind, out T? value)
        where T : class
    {
        value = null;
        try
        {
            value = bind();
            return null;
        }
        catch (InvalidOperationException exception)
        {
            return exception.Message;
        }
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
