using System.Text.Json;
using Sift.Activities.Connections;
using Sift.Activities.Webhooks;

namespace Sift.Testing.World;

/// <summary>Every number belongs to the one application of the simulation.</summary>
internal sealed class SimulatedNumbers(SimulationOptions options) : INumberDirectory, IWebhookSecrets
{
    public const string AccountId = "1122334455667788";
    public const string ApplicationId = "0f1e2d3c4b5a6978";

    private readonly IReadOnlyList<WebhookSecret> _secrets =
        options.WebhookSecret is null ? []
        : WebhookSecret.TryParse(options.WebhookSecret, out var secret) ? [secret!]
        : throw new ArgumentException("WebhookSecret must be whsec_ and base64.");

    /// <summary>What the application does with a call.</summary>
    public ApplicationPlan Plan { get; set; } =
        new(AccountId, ApplicationId, null, null, options.AnswerOnDemand ? "on_demand" : "immediately", options.FallbackRoutine is { } fallback ? JsonElement.Parse(fallback) : null, options.FallbackUrl, null);

    public string? FirstNumber { get; set; }

    public ValueTask<ApplicationPlan?> FindByNumberAsync(string number, CancellationToken cancellationToken) => new(Plan);

    public ValueTask<ApplicationPlan?> FindByApplicationAsync(string accountId, string applicationId, CancellationToken cancellationToken) => new(Plan);

    public ValueTask<string?> FirstNumberAsync(string accountId, CancellationToken cancellationToken) => new(FirstNumber);

    public ValueTask<IReadOnlyList<WebhookSecret>> ForAccountAsync(string accountId, CancellationToken cancellationToken) => new(_secrets);
}
