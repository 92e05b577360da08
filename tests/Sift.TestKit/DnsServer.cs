using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Sift.TestKit;

/// <summary>A name server on loopback that answers A, SRV and NAPTR queries from what a test told it (RFC 1035, 2782, 3403).</summary>
public sealed class DnsServer : IAsyncDisposable
{
    private const ushort TypeA = 1;
    private const ushort TypeSrv = 33;
    private const ushort TypeNaptr = 35;
    private const int HeaderBytes = 12;

    private readonly UdpClient _socket = new(new IPEndPoint(IPAddress.Loopback, 0));
    private readonly ConcurrentDictionary<(string Name, ushort Type), List<(byte[] Data, uint Seconds)>> _records = new();
    private readonly ConcurrentDictionary<string, int> _asked = new();
    private readonly Task _loop;

    /// <summary>Listens at once.</summary>
    public DnsServer() => _loop = RunAsync();

    /// <summary>Where to ask.</summary>
    public IPEndPoint EndPoint => (IPEndPoint)_socket.Client.LocalEndPoint!;

    /// <summary>How often records of that name were asked for over the wire.</summary>
    public int Asked(string name) => _asked.GetValueOrDefault(name);

    /// <summary>Adds an address record.</summary>
    public DnsServer Address(string name, IPAddress address, uint seconds = 60) => Add(name, TypeA, address.GetAddressBytes(), seconds);

    /// <summary>Adds a service record.</summary>
    public DnsServer Service(string name, ushort priority, ushort weight, ushort port, string target, uint seconds = 60)
    {
        var data = new List<byte>();
        Append(data, priority);
        Append(data, weight);
        Append(data, port);
        data.AddRange(Name(target));
        return Add(name, TypeSrv, [.. data], seconds);
    }

    /// <summary>Adds a naming authority pointer.</summary>
    public DnsServer Pointer(string name, ushort order, ushort preference, string flags, string service, string replacement, uint seconds = 60)
    {
        var data = new List<byte>();
        Append(data, order);
        Append(data, preference);
        foreach (var text in new[] { flags, service, "" })
        {
            data.Add((byte)text.Length);
            data.AddRange(Encoding.ASCII.GetBytes(text));
        }

        data.AddRange(Name(replacement));
        return Add(name, TypeNaptr, [.. data], seconds);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _socket.Dispose();
        await _loop;
    }

    private DnsServer Add(string name, ushort type, byte[] data, uint seconds)
    {
        _records.GetOrAdd((name, type), static _ => []).Add((data, seconds));
        return this;
    }

    private async Task RunAsync()
    {
        try
        {
            while (true)
            {
                var query = await _socket.ReceiveAsync();
                await _socket.SendAsync(Answer(query.Buffer), query.RemoteEndPoint);
            }
        }
        catch (Exception e) when (e is ObjectDisposedException or SocketException)
        {
            // Disposed.
        }
    }

    private byte[] Answer(byte[] query)
    {
        var labels = new List<string>();
        var at = HeaderBytes;
        while (query[at] != 0)
        {
            labels.Add(Encoding.ASCII.GetString(query, at + 1, query[at]));
            at += query[at] + 1;
        }

        var name = string.Join('.', labels);
        var type = BinaryPrimitives.ReadUInt16BigEndian(query.AsSpan(at + 1));
        var questionEnd = at + 5;
        _asked.AddOrUpdate(name, 1, static (_, count) => count + 1);
        var found = _records.GetValueOrDefault((name, type)) ?? [];

        var answer = new List<byte>(query[..questionEnd]);
        var known = found.Count > 0 || _records.Keys.Any(key => key.Name == name);

        // QR, AA, RD as asked, RA; NXDOMAIN for a name without any record.
        answer[2] = (byte)(0x84 | (query[2] & 1));
        answer[3] = (byte)(0x80 | (known ? 0 : 3));
        answer[6] = 0;
        answer[7] = (byte)found.Count;
        answer[8] = answer[9] = answer[10] = answer[11] = 0;
        foreach (var (data, seconds) in found)
        {
            // A pointer to the name of the question.
            answer.AddRange([0xC0, HeaderBytes]);
            Append(answer, type);
            Append(answer, 1);
            Append(answer, (ushort)(seconds >> 16));
            Append(answer, (ushort)seconds);
            Append(answer, (ushort)data.Length);
            answer.AddRange(data);
        }

        return [.. answer];
    }

    private static IEnumerable<byte> Name(string name)
    {
        foreach (var label in name.Split('.', StringSplitOptions.RemoveEmptyEntries))
        {
            yield return (byte)label.Length;
            foreach (var b in Encoding.ASCII.GetBytes(label))
            {
                yield return b;
            }
        }

        yield return 0;
    }

    private static void Append(List<byte> output, ushort value)
    {
        output.Add((byte)(value >> 8));
        output.Add((byte)value);
    }
}
