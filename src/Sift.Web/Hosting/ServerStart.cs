using Sift.Web.Accounts;
using Sift.Web.Storage.Migrations;

namespace Sift.Web.Hosting;

/// <summary>What must be done before anything else starts: the schema and the first account.</summary>
internal sealed class ServerStart(Migrator migrator, AccountStore accounts, SiftOptions options, FirstAccount first) : IHostedService
{
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await migrator.MigrateAsync(cancellationToken);
        var known = await accounts.ListAsync(cancellationToken);
        if (options.Account.Id is { } id)
        {
            first.Id = id;
            if (known.All(row => row.Id != id))
            {
                var created = await accounts.CreateAsync("first account", id, options.Account.AuthToken, cancellationToken);
                first.NewToken = options.Account.AuthToken is null ? created?.Token : null;
            }
            else if (options.Account.AuthToken is { } token)
            {
                await accounts.EnsureTokenAsync(id, token, cancellationToken);
            }
        }
        else if (known.Count > 0)
        {
            first.Id = known[0].Id;
        }
        else if (await accounts.CreateAsync("first account", null, null, cancellationToken) is { } created)
        {
            (first.Id, first.NewToken) = created;
        }
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}

/// <summary>What the start-up block says about the first account.</summary>
internal sealed class FirstAccount
{
    public string Id { get; set; } = "";

    /// <summary>Set only by the start that generated it; it cannot be shown again.</summary>
    public string? NewToken { get; set; }
}
