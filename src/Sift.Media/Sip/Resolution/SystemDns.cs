using System.Net;
using System.Net.Sockets;
using DnsClient;
using DnsClient.Protocol;

namespace Sift.Media.Sip.Resolution;

/// <summary>
/// The domain name system as this machine, or a configured list of servers, sees it. SRV and NAPTR come through DnsClient, which keeps
/// answers for their time to live. Host names go to the system's resolver, for it knows /etc/hosts too, unless servers are configured.
/// </summary>
internal sealed class SystemDns : IDnsRecords
{
    /// <summary>The system's resolver does not tell the time to live.</summary>
    private static readonly TimeSpan UnknownValidity = TimeSpan.FromMinutes(1);

    private static readonly TimeSpan QueryTimeout = TimeSpan.FromSeconds(2);

    private readonly Lazy<LookupClient> _client;
    private readonly bool _asksSystem;

    /// <param name="servers">Addresses with or without a port; empty for those of the system.</param>
    /// <exception cref="ArgumentException">One is no address.</exception>
    public SystemDns(IEnumerable<string> servers)
    {
        IPEndPoint[] configured = [.. servers.Select(static text => IPEndPoint.TryParse(text, out var server)
            ? new IPEndPoint(server.Address, server.Port == 0 ? NameServer.DefaultPort : server.Port)
            : throw new ArgumentException($"DNS server '{text}' is no address: write 192.0.2.53 or 192.0.2.53:5353."))];
        _asksSystem = configured.Length == 0;

        // Made when a carrier is first looked for: it reads the system's settings, and most servers have no carrier by name.
        _client = new Lazy<LookupClient>(() => Connect(configured), LazyThreadSafetyMode.PublicationOnly);
    }

    public async Task<DnsAnswer<IPAddress>> AddressesAsync(string name, CancellationToken cancellationToken)
    {
        if (_asksSystem)
        {
            try
            {
                return new(await Dns.GetHostAddressesAsync(name, cancellationToken).ConfigureAwait(false), UnknownValidity);
            }
            catch (Exception e) when (e is SocketException or ArgumentException or OperationCanceledException)
            {
                return DnsAnswer<IPAddress>.None;
            }
        }

        var four = await QueryAsync<ARecord, IPAddress>(name, QueryType.A, static record => record.Address, cancellationToken).ConfigureAwait(false);
        var six = await QueryAsync<AaaaRecord, IPAddress>(name, QueryType.AAAA, static record => record.Address, cancellationToken).ConfigureAwait(false);
        return new([.. four.Records, .. six.Records], four.ValidFor < six.ValidFor ? four.ValidFor : six.ValidFor);
    }

    public Task<DnsAnswer<SrvRecord>> ServicesAsync(string name, CancellationToken cancellationToken) =>
        QueryAsync<DnsClient.Protocol.SrvRecord, SrvRecord>(
            name,
            QueryType.SRV,
            static record => new(record.Priority, record.Weight, record.Port, Plain(record.Target)),
            cancellationToken);

    public Task<DnsAnswer<NaptrRecord>> PointersAsync(string name, CancellationToken cancellationToken) =>
        QueryAsync<NAPtrRecord, NaptrRecord>(
            name,
            QueryType.NAPTR,
            static record => new(record.Order, record.Preference, record.Flags, record.Services, Plain(record.Replacement)),
            cancellationToken);

    private async Task<DnsAnswer<TOut>> QueryAsync<TRecord, TOut>(string name, QueryType type, Func<TRecord, TOut> read, CancellationToken cancellationToken)
        where TRecord : DnsResourceRecord
    {
        try
        {
            var response = await _client.Value.QueryAsync(name, type, cancellationToken: cancellationToken).ConfigureAwait(false);
            TRecord[] records = [.. response.Answers.OfType<TRecord>()];
            return records.Length == 0
                ? DnsAnswer<TOut>.None
                : new([.. records.Select(read)], TimeSpan.FromSeconds(records.Min(static record => record.TimeToLive)));
        }
        catch (Exception e) when (e is DnsResponseException or SocketException or ArgumentException or InvalidOperationException or OperationCanceledException)
        {
            return DnsAnswer<TOut>.None;
        }
    }

    private static LookupClient Connect(IPEndPoint[] servers)
    {
        var options = servers.Length == 0 ? new LookupClientOptions() : new LookupClientOptions(servers);
        options.Timeout = QueryTimeout;
        options.Retries = 2;
        options.UseCache = true;
        options.CacheFailedResults = true;
        options.FailedResultsCacheDuration = TimeSpan.FromSeconds(5);
        return new LookupClient(options);
    }

    private static string Plain(DnsString name) => name.Value.TrimEnd('.');
}
