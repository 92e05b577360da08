using System.Reflection;
using System.Text;

namespace Sift.Web.Hosting;

/// <summary>The one block that start-up ends with: everything needed for a first call.</summary>
internal static class StartupBlock
{
    public static string Version { get; } =
        Assembly.GetExecutingAssembly().GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "0";

    /// <param name="url">The first HTTP listener.</param>
    /// <param name="sipAddress">host:port of the SIP listener; null when there is none.</param>
    /// <param name="sandboxPassword">Null when the sandbox is off.</param>
    public static string Text(Configuration configuration, FirstAccount account, string url, string? sipAddress, string? sandboxPassword)
    {
        var text = new StringBuilder();
        text.AppendLine();
        Line("Sift", Version);
        Line("Account id", account.Id);
        Line("Auth token", account.NewToken is { } token ? $"{token}   (shown this once)" : configuration.Options.Account.AuthToken is null ? "as shown at the first start; sift accounts rotate-token makes a new one" : "as configured");
        Line("API", $"{url}/v0");
        Line("API page", $"{url}/docs");
        Line("Console", $"{url}/console");
        Line("Studio", $"{url}/studio");
        if (sipAddress is not null)
        {
            Line("SIP", sipAddress);
        }

        if (sipAddress is not null && sandboxPassword is not null)
        {
            Line("Phone", $"{url}/phone rings as +15554443333 in a browser; same password");
            Line("Sandbox", $"register a phone as sip:+15554443333@{sipAddress}, password {sandboxPassword}");
        }

        if (configuration.AllowPrivateNetworks)
        {
            Line("Callbacks", "may reach loopback and private networks (development default)");
        }

        text.AppendLine();
        text.AppendLine("A first call:");
        text.AppendLine($"  curl -u {account.Id}:{account.NewToken ?? "AUTH_TOKEN"} {url}/v0/connections --data-urlencode phone_number=+15554443333 \\");
        text.AppendLine("    --data-urlencode 'routine=[{\"name\":\"Say\",\"text\":\"Hello from Sift.\"},{\"name\":\"HangUp\"}]'");
        return text.ToString();

        void Line(string name, string value) => text.AppendLine($"  {name,-11} {value}");
    }
}

internal static class StartupBlockExtensions
{
    /// <summary>Prints the block once the server listens.</summary>
    public static void PrintStartupBlock(this WebApplication app) => app.Lifetime.ApplicationStarted.Register(() =>
    {
        var configuration = app.Services.GetRequiredService<Configuration>();
        var sip = app.Services.GetService<ISipAddress>()?.Address;
        var password = configuration.SandboxEnabled ? SandboxPassword.Read(configuration.Options) : null;
        Console.Out.WriteLine(StartupBlock.Text(configuration, app.Services.GetRequiredService<FirstAccount>(), app.Urls.FirstOrDefault() ?? Configuration.DefaultUrl, sip, password));
    });
}

/// <summary>Where phones reach the server; registered by whoever listens.</summary>
internal interface ISipAddress
{
    /// <summary>host:port</summary>
    string Address { get; }
}
