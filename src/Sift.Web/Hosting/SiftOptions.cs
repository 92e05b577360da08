using Sift.Web.Storage;

namespace Sift.Web.Hosting;

/// <summary>The settings below <c>Sift</c> (docs/configuration.md) that the web project reads itself.</summary>
internal sealed record SiftOptions
{
    public string DataDirectory { get; init; } = "data";

    /// <summary>How clients reach the server, for the links it writes; null for however the request came.</summary>
    public string? PublicUrl { get; init; }

    public AccountOptions Account { get; init; } = new();

    public SandboxSettings Sandbox { get; init; } = new();

    /// <summary>Numbers for sale by country code.</summary>
    public Dictionary<string, List<string>> Numbers { get; init; } = [];

    public RetentionOptions Retention { get; init; } = new();

    public ApiOptions Api { get; init; } = new();

    public WebhookSettings Webhooks { get; init; } = new();

    public StudioSettings Studio { get; init; } = new();

    public ConsoleSettings Console { get; init; } = new();

    public RecordingSettings Recordings { get; init; } = new();
}

/// <summary>The first account; generated when not given.</summary>
internal sealed record AccountOptions
{
    public string? Id { get; init; }

    public string? AuthToken { get; init; }
}

internal sealed record SandboxSettings
{
    /// <summary>Null: on exactly when no trunk is configured.</summary>
    public bool? Enabled { get; init; }

    public string? Password { get; init; }
}

internal sealed record ApiOptions
{
    /// <summary>Requests an account may make per second, averaged; four seconds' worth at once.</summary>
    public int RequestsPerSecond { get; init; } = 250;
}

internal sealed record WebhookSettings
{
    /// <summary>Null: true only with the embedded default, that is SQLite and listeners on loopback alone.</summary>
    public bool? AllowPrivateNetworks { get; init; }
}

internal sealed record ConsoleSettings
{
    /// <summary>Signs the operator in without the token of the first account; null for none.</summary>
    public string? Password { get; init; }
}

internal sealed record RecordingSettings
{
    /// <summary>A recording that goes on for longer is ended; the call is not.</summary>
    public int LongestMinutes { get; init; } = 240;
}

internal sealed record StudioSettings
{
    /// <summary>Where the files of the Elsa Studio package lie; null for <c>studio</c> beside the program.</summary>
    public string? Directory { get; init; }

    /// <summary>The phone that the run button of the designer calls; null for the sandbox's echo.</summary>
    public string? TestNumber { get; init; }

    /// <summary>How long a test call is held at one breakpoint before it is cancelled.</summary>
    public double HoldSeconds { get; init; } = 600;
}
