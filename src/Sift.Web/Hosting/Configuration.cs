using System.Globalization;
using System.Net;
using Microsoft.Extensions.Configuration.Memory;
using Sift.Activities.Calls;
using Sift.Web.Browser;
using Sift.Web.Http;
using Sift.Web.Storage;

namespace Sift.Web.Hosting;

/// <summary>The settings, checked: every error names its setting, and all are reported at once.</summary>
internal sealed record Configuration(SiftOptions Options, string ConnectionString, IReadOnlyList<string> Errors)
{
    public const string DefaultUrl = "http://127.0.0.1:8080";

    /// <summary>What holds unless a file, the environment or an argument says otherwise.</summary>
    public static MemoryConfigurationSource Defaults { get; } = new()
    {
        InitialData = new Dictionary<string, string?>
        {
            ["urls"] = DefaultUrl,
            ["Logging:LogLevel:Microsoft"] = "Warning",
            ["Logging:LogLevel:Quartz"] = "Warning",

            // Session keys lie beside the key that seals account tokens, in a directory only the server can read.
            ["Logging:LogLevel:Microsoft.AspNetCore.DataProtection"] = "Error",
        },
    };

    private static readonly string[] Sections =
        ["DataDirectory", "PublicUrl", "Account", "Sip", "Media", "Sandbox", "Trunks", "Numbers", "Webhooks", "Speech", "Sounds", "Retention", "Api", "Calls", "Browser", "WebRtc", "Studio", "Recordings", "Console"];

    /// <summary>Whether a trunk is configured.</summary>
    public bool HasTrunks { get; private init; }

    public bool SandboxEnabled => Options.Sandbox.Enabled ?? !HasTrunks;

    public bool AllowPrivateNetworks { get; private init; }

    /// <summary>How calls behave, from <c>Sift:Calls</c>; with <c>SIFT_BENCH=1</c> the load scenarios' targets too.</summary>
    public CallOptions Calls { get; private init; } = new();

    public static Configuration Read(IConfiguration configuration)
    {
        var errors = new List<string>();
        var options = Bind(configuration.GetSection("Sift"), errors);
        var connectionString = configuration.GetConnectionString("Sift") is { Length: > 0 } given ? given : $"Data Source={Path.Combine(options.DataDirectory, "sift.db")}";
        var kind = Database.KindOf(connectionString);
        if (kind is null)
        {
            errors.Add("ConnectionStrings__Sift names neither a SQLite file (Data Source=…) nor a PostgreSQL server (Host=…).");
        }

        foreach (var child in configuration.GetSection("Sift").GetChildren())
        {
            if (!Sections.Contains(child.Key, StringComparer.OrdinalIgnoreCase))
            {
                errors.Add($"Sift__{child.Key} is not a setting.");
            }
        }

        CheckAccount(options.Account, errors);
        CheckNumbers(options.Numbers, errors);
        CheckPorts(configuration, errors);
        if (options.PublicUrl is { } url && !(Uri.TryCreate(url, UriKind.Absolute, out var parsed) && parsed.Scheme is "http" or "https"))
        {
            errors.Add("Sift__PublicUrl must be an absolute http or https URL.");
        }

        foreach (var (name, value) in new[] { ("JournalDays", options.Retention.JournalDays), ("DeliveryDays", options.Retention.DeliveryDays), ("ConnectionDays", options.Retention.ConnectionDays), ("RecordingDays", options.Retention.RecordingDays) })
        {
            if (value is < 1 or > 36_500)
            {
                errors.Add($"Sift__Retention__{name} must be from 1 to 36500.");
            }
        }

        errors.AddRange(BrowserServices.Check(configuration));
        if (options.Studio.TestNumber is { } number && !Validation.IsE164(number))
        {
            errors.Add("Sift__Studio__TestNumber must be an E.164 number such as +15554443333.");
        }

        if (options.Console.Password is { Length: < 12 or > 256 })
        {
            errors.Add("Sift__Console__Password must have 12 to 256 characters.");
        }

        if (options.Recordings.LongestMinutes is < 1 or > 1440)
        {
            errors.Add("Sift__Recordings__LongestMinutes must be from 1 to 1440.");
        }

        if (options.Studio.HoldSeconds is not (>= 1 and <= 3600))
        {
            errors.Add("Sift__Studio__HoldSeconds must be from 1 to 3600.");
        }

        if (options.Api.RequestsPerSecond < 1)
        {
            errors.Add("Sift__Api__RequestsPerSecond must be at least 1.");
        }

        return new Configuration(options, connectionString, errors)
        {
            HasTrunks = configuration.GetSection("Sift:Trunks").GetChildren().Any(),
            Calls = ReadCalls(configuration, errors),
            AllowPrivateNetworks = options.Webhooks.AllowPrivateNetworks ?? (kind == DatabaseKind.Sqlite && ListensOnLoopbackOnly(configuration)),
        };
    }

    /// <summary>Whether nobody outside this machine can reach the HTTP listeners.</summary>
    private static bool ListensOnLoopbackOnly(IConfiguration configuration)
        => (configuration["urls"] ?? DefaultUrl).Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .All(url => Uri.TryCreate(url, UriKind.Absolute, out var parsed) && (parsed.Host == "localhost" || (IPAddress.TryParse(parsed.Host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address))));

    private static CallOptions ReadCalls(IConfiguration configuration, List<string> errors)
    {
        var calls = new CallOptions();
        calls = calls with
        {
            CallbackDeadline = Seconds("CallbackDeadlineSeconds", calls.CallbackDeadline),
            IdleLimit = Seconds("IdleLimitSeconds", calls.IdleLimit),
            RingTimeout = Seconds("RingTimeoutSeconds", calls.RingTimeout),
            Apology = configuration["Sift:Calls:Apology"] ?? calls.Apology,
        };
        return configuration["SIFT_BENCH"] == "1"
            ? calls with { Bench = new BenchTargets($"http://127.0.0.1:{configuration["APP_PORT"] ?? "9000"}/hook", $"sip:b@127.0.0.1:{configuration["B_PORT"] ?? "5070"}") }
            : calls;

        TimeSpan Seconds(string name, TimeSpan otherwise)
        {
            if (configuration[$"Sift:Calls:{name}"] is not { } text)
            {
                return otherwise;
            }

            if (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var seconds) && seconds is >= 1 and <= 3600)
            {
                return TimeSpan.FromSeconds(seconds);
            }

            errors.Add($"Sift__Calls__{name} must be from 1 to 3600.");
            return otherwise;
        }
    }

    private static SiftOptions Bind(IConfigurationSection section, List<string> errors)
    {
        try
        {
            return section.Get<SiftOptions>() ?? new SiftOptions();
        }
        catch (InvalidOperationException exception)
        {
            errors.Add(exception.InnerException is FormatException ? $"{exception.Message} {exception.InnerException.Message}" : exception.Message);
            return new SiftOptions();
        }
    }

    private static void CheckAccount(AccountOptions account, List<string> errors)
    {
        if (account.Id is { } id && !Ids.IsId(id))
        {
            errors.Add("Sift__Account__Id must be 16 lower-case hex digits.");
        }

        if (account.AuthToken is { } token && (token.Length is < 16 or > 256 || token.Contains(':', StringComparison.Ordinal)))
        {
            errors.Add("Sift__Account__AuthToken must have 16 to 256 characters and no colon.");
        }

        if (account is { Id: null, AuthToken: not null })
        {
            errors.Add("Sift__Account__Id is required when Sift__Account__AuthToken is set.");
        }
    }

    private static void CheckNumbers(Dictionary<string, List<string>> numbers, List<string> errors)
    {
        foreach (var (country, list) in numbers)
        {
            if (country.Length != 2 || !country.All(char.IsAsciiLetter))
            {
                errors.Add($"Sift__Numbers__{country}: the country must be an ISO 3166-1 alpha-2 code such as US.");
            }

            for (var i = 0; i < list.Count; i++)
            {
                if (!Validation.IsE164(list[i]))
                {
                    errors.Add($"Sift__Numbers__{country}__{i} must be an E.164 number such as +15550100200.");
                }
            }
        }
    }

    private static void CheckPorts(IConfiguration configuration, List<string> errors)
    {
        var ports = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var name in new[] { "Sip:Port", "Media:PortMin", "Media:PortMax" })
        {
            if (configuration[$"Sift:{name}"] is not { } text)
            {
                continue;
            }

            if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port is >= 0 and <= 65535)
            {
                ports[name] = port;
            }
            else
            {
                errors.Add($"Sift__{name.Replace(":", "__", StringComparison.Ordinal)} must be a port from 0 to 65535.");
            }
        }

        if (ports.GetValueOrDefault("Media:PortMin", 20000) >= ports.GetValueOrDefault("Media:PortMax", 29999))
        {
            errors.Add("Sift__Media__PortMin must be below Sift__Media__PortMax.");
        }

        if (configuration["Sift:Sip:Host"] is { } host && !IPAddress.TryParse(host, out _))
        {
            errors.Add("Sift__Sip__Host must be an IP address to listen on.");
        }
    }
}
