using System.Security.Cryptography;

namespace Sift.Web.Browser;

/// <summary>Who is logged in, by session, by client name and by virtual phone. Touched by the switchboard only.</summary>
internal sealed class ClientDirectory(BrowserLimits limits)
{
    private readonly Dictionary<string, BrowserClient> _sessions = new(StringComparer.Ordinal);
    private readonly Dictionary<(string Account, string Name), List<BrowserClient>> _names = [];
    private readonly Dictionary<string, int> _accounts = new(StringComparer.Ordinal);

    public int Count => _sessions.Count;

    public IEnumerable<BrowserClient> All => _sessions.Values;

    /// <returns>Null and the reason when a limit is reached.</returns>
    public (BrowserClient? Client, string? Refusal) Add(Capability capability, IBrowserSocket socket)
    {
        if (_accounts.GetValueOrDefault(capability.AccountId) >= limits.SocketsPerAccount)
        {
            return (null, "too many connections of this account");
        }

        var client = new BrowserClient(RandomNumberGenerator.GetHexString(32, lowercase: true), capability, socket);
        if (KeyOf(capability) is { } key)
        {
            if (!_names.TryGetValue(key, out var named))
            {
                _names[key] = named = [];
            }

            if (named.Count >= limits.SocketsPerName)
            {
                return (null, "too many connections under this client name");
            }

            named.Add(client);
        }

        _sessions.Add(client.Session, client);
        _accounts[capability.AccountId] = _accounts.GetValueOrDefault(capability.AccountId) + 1;
        return (client, null);
    }

    public void Remove(BrowserClient client)
    {
        if (!_sessions.Remove(client.Session))
        {
            return;
        }

        var account = client.Capability.AccountId;
        if (_accounts[account] == 1)
        {
            _accounts.Remove(account);
        }
        else
        {
            _accounts[account]--;
        }

        if (KeyOf(client.Capability) is { } key && _names.TryGetValue(key, out var named) && named.Remove(client) && named.Count == 0)
        {
            _names.Remove(key);
        }
    }

    public BrowserClient? Find(string session) => _sessions.GetValueOrDefault(session);

    /// <summary>The logins that receive calls for a client name of an account.</summary>
    public IReadOnlyList<BrowserClient> Named(string account, string name) => _names.TryGetValue((account, name), out var list) ? list : [];

    /// <summary>The pages that play the phone of a sandbox number.</summary>
    public IReadOnlyList<BrowserClient> Phones(string number) => Named(Capability.SandboxIssuer, number);

    private static (string, string)? KeyOf(Capability capability)
        => (capability.PhoneNumber ?? capability.ClientName) is { } name ? (capability.AccountId, name) : null;
}
