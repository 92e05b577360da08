using System.Collections.Frozen;
using System.Security.Cryptography;
using System.Text;
using Sift.Web.Storage;

namespace Sift.Web.Accounts;

/// <summary>Who may use the API, from memory. Reloaded when an account changes, within a second also when another process changed it.</summary>
internal sealed partial class AccountRegistry : IDisposable
{
    private readonly AccountStore store;
    private readonly TokenSeal seal;
    private readonly ChangeMarks changes;
    private readonly ILogger<AccountRegistry> logger;

    // Compared with when the account is unknown, so that the time of the answer does not tell.
    private readonly byte[] nobody = RandomNumberGenerator.GetBytes(SHA256.HashSizeInBytes);

    private Task<FrozenDictionary<string, Known>>? loading;

    public AccountRegistry(AccountStore store, TokenSeal seal, ChangeMarks changes, ILogger<AccountRegistry> logger)
    {
        this.store = store;
        this.seal = seal;
        this.changes = changes;
        this.logger = logger;
        changes.Changed += Forget;
    }

    /// <summary>Whether that token belongs to that account and the account is enabled; takes the same time whatever is wrong.</summary>
    public async ValueTask<bool> VerifyAsync(string accountId, string token)
    {
        var account = (await AccountsAsync()).GetValueOrDefault(accountId);
        Span<byte> given = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(token), given);
        return CryptographicOperations.FixedTimeEquals(given, account?.TokenHash ?? nobody) & account is { Enabled: true };
    }

    /// <summary>The token of an enabled account, with which its browser capabilities are signed; null otherwise.</summary>
    public async ValueTask<string?> TokenAsync(string accountId)
        => (await AccountsAsync()).GetValueOrDefault(accountId) is { Enabled: true } account ? account.Token : null;

    public void Dispose() => changes.Changed -= Forget;

    private void Forget(ChangeTopic topic)
    {
        if (topic == ChangeTopic.Accounts)
        {
            Volatile.Write(ref loading, null);
        }
    }

    private async ValueTask<FrozenDictionary<string, Known>> AccountsAsync()
    {
        while (true)
        {
            var current = Volatile.Read(ref loading);
            if (current is null)
            {
                var mine = new TaskCompletionSource<FrozenDictionary<string, Known>>(TaskCreationOptions.RunContinuationsAsynchronously);
                if (Interlocked.CompareExchange(ref loading, mine.Task, null) is not null)
                {
                    continue;
                }

                try
                {
                    mine.SetResult(await LoadAsync());
                }
#pragma warning disable CA1031 // Handed on to everybody who waits, this caller included.
                catch (Exception exception)
#pragma warning restore CA1031
                {
                    // Whoever waits hears of it; the next request tries again.
                    _ = Interlocked.CompareExchange(ref loading, null, mine.Task);
                    mine.SetException(exception);
                }

                current = mine.Task;
            }

            return await current;
        }
    }

    private async Task<FrozenDictionary<string, Known>> LoadAsync()
    {
        var known = new Dictionary<string, Known>(StringComparer.Ordinal);
        foreach (var row in await store.ListAsync(CancellationToken.None))
        {
            if (seal.Unseal(row.Id, row.SealedToken) is { } token)
            {
                known.Add(row.Id, new Known(token, SHA256.HashData(Encoding.UTF8.GetBytes(token)), row.Enabled));
            }
            else
            {
                LogUnreadable(row.Id);
            }
        }

        return known.ToFrozenDictionary(StringComparer.Ordinal);
    }

    [LoggerMessage(1100, LogLevel.Error, "The token of account {Account} was not sealed with the key of this data directory; the account cannot be used")]
    private partial void LogUnreadable(string account);

    private sealed record Known(string Token, byte[] TokenHash, bool Enabled);
}
