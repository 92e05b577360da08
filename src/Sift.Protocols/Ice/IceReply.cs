using Sift.Protocols.Rtp;
using Sift.Protocols.Stun;

namespace Sift.Protocols.Ice;

/// <summary>What is answered to a check. Each writes into the caller's buffer and returns the length.</summary>
internal static class IceReply
{
    /// <summary>Enough for every reply.</summary>
    public const int Longest = 548;

    public static int Success(Span<byte> buffer, scoped StunMessage request, TransportAddress from, scoped ReadOnlySpan<byte> key)
    {
        var writer = new StunWriter(buffer, StunMessageType.BindingSuccess, request.TransactionId);
        writer.AddXorMappedAddress(from.ToEndPoint());
        return writer.Seal(key);
    }

    /// <summary>RFC 8445 7.3.1.1: the sender has to take the other role.</summary>
    public static int RoleConflict(Span<byte> buffer, scoped StunMessage request, scoped ReadOnlySpan<byte> key)
    {
        var writer = new StunWriter(buffer, StunMessageType.BindingError, request.TransactionId);
        writer.AddError(StunMessage.RoleConflict, "Role Conflict"u8);
        return writer.Seal(key);
    }

    /// <summary>RFC 8489 6.3.1.1: 420 with the list of what is not understood; 0 when all is.</summary>
    public static int UnknownAttributes(Span<byte> buffer, scoped StunMessage request, scoped ReadOnlySpan<byte> key)
    {
        Span<ushort> unknown = stackalloc ushort[8];
        var count = request.UnknownRequired(unknown);
        if (count == 0)
        {
            return 0;
        }

        var writer = new StunWriter(buffer, StunMessageType.BindingError, request.TransactionId);
        writer.AddError(420, "Unknown Attribute"u8);
        Span<byte> list = stackalloc byte[16];
        for (var i = 0; i < count; i++)
        {
            list[2 * i] = (byte)(unknown[i] >> 8);
            list[(2 * i) + 1] = (byte)unknown[i];
        }

        writer.Add(StunAttribute.UnknownAttributes, list[..(2 * count)]);
        return writer.Seal(key);
    }
}
