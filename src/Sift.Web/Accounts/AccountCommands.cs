using System.Globalization;
using Sift.Web.Storage.Migrations;

namespace Sift.Web.Accounts;

/// <summary>The operator's command <c>sift accounts …</c>. Works on the database of the server, running or not.</summary>
internal static class AccountCommands
{
    public const string Usage = """
        sift accounts create [--name NAME] [--id ID]   creates an account and prints its token, once
        sift accounts list                             id, state, creation time and name of every account
        sift accounts disable ID                       refuses the account's requests and calls from now on
        sift accounts enable ID                        takes that back
        sift accounts rotate-token ID                  gives the account a new token and prints it, once
        """;

    /// <returns>The exit code: 0 done, 1 refused, 2 not understood.</returns>
    public static async Task<int> RunAsync(IServiceProvider services, string[] arguments, TextWriter output, TextWriter errors, CancellationToken cancellationToken)
    {
        await services.GetRequiredService<Migrator>().MigrateAsync(cancellationToken);
        var accounts = services.GetRequiredService<AccountStore>();
        switch (arguments)
        {
            case ["create", .. var rest] when Options(rest) is { } options:
                return await CreateAsync(accounts, options, output, errors, cancellationToken);
            case ["list"]:
                foreach (var account in await accounts.ListAsync(cancellationToken))
                {
                    await output.WriteLineAsync(string.Create(
                        CultureInfo.InvariantCulture, $"{account.Id}  {(account.Enabled ? "enabled " : "disabled")}  {account.CreatedAt:yyyy-MM-ddTHH:mm:ssZ}  {account.Name}"));
                }

                return 0;
            case ["disable" or "enable", var id]:
                return await accounts.SetEnabledAsync(id, arguments[0] == "enable", cancellationToken)
                    ? await SayAsync(output, $"Account {id} is {arguments[0]}d.", 0)
                    : await SayAsync(errors, $"There is no account {id}.", 1);
            case ["rotate-token", var id]:
                return await accounts.RotateTokenAsync(id, null, cancellationToken) is { } token
                    ? await SayAsync(output, $"Account id:  {id}{Environment.NewLine}Auth token:  {token}", 0)
                    : await SayAsync(errors, $"There is no account {id}.", 1);
            default:
                return await SayAsync(errors, Usage, 2);
        }
    }

    private static async Task<int> CreateAsync(
        AccountStore accounts, Dictionary<string, string> options, TextWriter output, TextWriter errors, CancellationToken cancellationToken)
    {
        var id = options.GetValueOrDefault("--id");
        if (id is not null && !Ids.IsId(id))
        {
            return await SayAsync(errors, "An account id is 16 lower-case hex digits.", 2);
        }

        return await accounts.CreateAsync(options.GetValueOrDefault("--name", "account"), id, null, cancellationToken) is { } created
            ? await SayAsync(output, $"Account id:  {created.Id}{Environment.NewLine}Auth token:  {created.Token}", 0)
            : await SayAsync(errors, $"There is an account {id} already.", 1);
    }

    private static Dictionary<string, string>? Options(string[] rest)
    {
        var options = new Dictionary<string, string>(StringComparer.Ordinal);
        for (var i = 0; i < rest.Length; i += 2)
        {
            if (rest[i] is not ("--name" or "--id") || i + 1 == rest.Length || !options.TryAdd(rest[i], rest[i + 1]))
            {
                return null;
            }
        }

        return options;
    }

    private static async Task<int> SayAsync(TextWriter writer, string text, int code)
    {
        await writer.WriteLineAsync(text);
        return code;
    }
}
