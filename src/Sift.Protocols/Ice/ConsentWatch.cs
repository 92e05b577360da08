using Sift.Protocols.Rtp;
using Sift.Protocols.Stun;

namespace Sift.Protocols.Ice;

/// <summary>
/// Whether the peer still wants what we send to the selected address (RFC 7675 5.1): a check about every 5 s, each a transaction of its own that
/// is never repeated; 30 s without an answer end the consent.
/// </summary>
internal sealed class ConsentWatch
{
    public static readonly TimeSpan Timeout = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    // At one check every 4 s at least, no more than these are younger than the timeout.
    private const int Remembered = 8;

    private readonly byte[] _transactions = new byte[Remembered * StunMessage.TransactionIdLength];
    private int _sent;

    public ConsentWatch(TransportAddress remote, IceGeneration generation, TimeSpan now, IEntropy entropy)
    {
        Remote = remote;
        Generation = generation;
        Expires = now + Timeout;
        Schedule(now, entropy);
    }

    public TransportAddress Remote { get; }

    /// <summary>Whose credentials the checks carry; the one before the present, until a restart has found an address.</summary>
    public IceGeneration Generation { get; }

    public TimeSpan NextCheck { get; private set; }

    public TimeSpan Expires { get; private set; }

    public void Sent(scoped ReadOnlySpan<byte> transaction, TimeSpan now, IEntropy entropy)
    {
        transaction.CopyTo(Slot(_sent++ % Remembered));
        Schedule(now, entropy);
    }

    public bool Knows(scoped ReadOnlySpan<byte> transaction)
    {
        for (var i = 0; i < Math.Min(_sent, Remembered); i++)
        {
            if (Slot(i).SequenceEqual(transaction))
            {
                return true;
            }
        }

        return false;
    }

    public void Renew(TimeSpan now) => Expires = now + Timeout;

    private Span<byte> Slot(int index) => _transactions.AsSpan(index * StunMessage.TransactionIdLength, StunMessage.TransactionIdLength);

    // RFC 7675 5.1: 0.8 to 1.2 of the interval, so that many sessions do not check in step.
    private void Schedule(TimeSpan now, IEntropy entropy)
    {
        Span<byte> random = stackalloc byte[1];
        entropy.Fill(random);
        NextCheck = now + (Interval * (0.8 + (0.4 * random[0] / byte.MaxValue)));
    }
}
