using Microsoft.EntityFrameworkCore;
using Sift.Web.Storage;

namespace Sift.Web.Accounts;

/// <summary>Creates and changes accounts; used by the start of the server and by the operator's commands, also while a server runs.</summary>
internal sealed class AccountStore(IDbContextFactory<SiftDbContext> contexts, TokenSeal seal, ChangeMarks changes, TimeProvider time)
{
    /// <summary>Creates an account with a new token, or the given one.</summary>
    /// <returns>Null when the id is taken.</returns>
    public async ValueTask<(string Id, string Token)?> CreateAsync(string name, string? id, string? token, CancellationToken cancellationToken)
    {
        id ??= Ids.New();
        token ??= NewToken();
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        if (await context.Accounts.AnyAsync(row => row.Id == id, cancellationToken))
        {
            return null;
        }

        context.Accounts.Add(new AccountRow { Id = id, Name = name, SealedToken = seal.Seal(id, token), Enabled = true, CreatedAt = time.GetUtcNow() });
        await context.SaveChangesAsync(cancellationToken);
        await changes.RaiseAsync(ChangeTopic.Accounts, cancellationToken);
        return (id, token);
    }

    public async ValueTask<IReadOnlyList<AccountRow>> ListAsync(CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        return await context.Accounts.AsNoTracking().OrderBy(row => row.CreatedAt).ThenBy(row => row.Id).ToListAsync(cancellationToken);
    }

    /// <returns>False when there is no such account.</returns>
    public async ValueTask<bool> SetEnabledAsync(string id, bool enabled, CancellationToken cancellationToken)
        => await ChangeAsync(id, row => row.Enabled = enabled, cancellationToken);

    /// <summary>Gives the account a new token (or the given one); the old one is worthless at once.</summary>
    /// <returns>The token, or null when there is no such account.</returns>
    public async ValueTask<string?> RotateTokenAsync(string id, string? token, CancellationToken cancellationToken)
    {
        token ??= NewToken();
        return await ChangeAsync(id, row => row.SealedToken = seal.Seal(id, token), cancellationToken) ? token : null;
    }

    /// <summary>Makes the configured token the account's token, when it is not yet.</summary>
    public async ValueTask EnsureTokenAsync(string id, string token, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var account = await context.Accounts.AsNoTracking().FirstOrDefaultAsync(row => row.Id == id, cancellationToken);
        if (account is not null && seal.Unseal(id, account.SealedToken) != token)
        {
            await RotateTokenAsync(id, token, cancellationToken);
        }
    }

    private async ValueTask<bool> ChangeAsync(string id, Action<AccountRow> change, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        if (await context.Accounts.FirstOrDefaultAsync(row => row.Id == id, cancellationToken) is not { } account)
        {
            return false;
        }

        change(account);
        await context.SaveChangesAsync(cancellationToken);
        await changes.RaiseAsync(ChangeTopic.Accounts, cancellationToken);
        return true;
    }

    /// <summary>160 random bits.</summary>
    private static string NewToken() => Convert.ToHexStringLower(System.Security.Cryptography.RandomNumberGenerator.GetBytes(20));
}
