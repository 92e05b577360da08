namespace Sift.Web.Storage;

/// <summary>A customer. The token is sealed; see <c>Accounts.TokenSeal</c>.</summary>
internal sealed class AccountRow
{
    public required string Id { get; init; }

    public required string Name { get; set; }

    public required byte[] SealedToken { get; set; }

    public required bool Enabled { get; set; }

    public required DateTimeOffset CreatedAt { get; init; }
}

internal sealed class ApplicationRow
{
    public required string Id { get; init; }

    public required string AccountId { get; init; }

    public required string Name { get; set; }

    public string? OnIncoming { get; set; }

    /// <summary>JSON list of commands.</summary>
    public string? DefaultRoutine { get; set; }

    /// <summary><c>immediately</c> or <c>on_demand</c>.</summary>
    public required string Answer { get; set; }

    public string? FallbackRoutine { get; set; }

    public string? FallbackUrl { get; set; }

    public string? WorkflowId { get; set; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required DateTimeOffset UpdatedAt { get; set; }
}

internal sealed class PhoneNumberRow
{
    public required string Number { get; init; }

    public required string AccountId { get; init; }

    public string? ApplicationId { get; set; }

    public required DateTimeOffset CreatedAt { get; init; }
}

/// <summary>A number the operator has for sale, imported rather than configured.</summary>
internal sealed class InventoryNumberRow
{
    public required string Number { get; init; }

    public required string Country { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }
}
