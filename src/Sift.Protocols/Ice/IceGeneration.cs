using System.Text;
using Sift.Protocols.Stun;

namespace Sift.Protocols.Ice;

/// <summary>The credentials of both sides from one restart to the next, as they stand on the wire.</summary>
internal sealed class IceGeneration(IceCredentials local, IceCredentials remote)
{
    // RFC 8445 7.2.2: the receiver's ufrag comes first.
    private readonly byte[] _expectedUser = Encoding.UTF8.GetBytes($"{local.Ufrag}:{remote.Ufrag}");

    public IceCredentials Local => local;

    /// <summary>Protects the checks that come to us and what we answer.</summary>
    public byte[] LocalKey { get; } = Encoding.UTF8.GetBytes(local.Password);

    /// <summary>Protects our checks and what is answered to them.</summary>
    public byte[] RemoteKey { get; } = Encoding.UTF8.GetBytes(remote.Password);

    /// <summary>USERNAME of our checks.</summary>
    public byte[] CheckUser { get; } = Encoding.UTF8.GetBytes($"{remote.Ufrag}:{local.Ufrag}");

    /// <summary>Whether a request is one of this generation and of somebody who knows the password.</summary>
    public IceRefusal Judge(scoped StunMessage request)
    {
        if (!request.TryGet(StunAttribute.Username, out var user) || !user.SequenceEqual(_expectedUser))
        {
            return IceRefusal.WrongUser;
        }

        return request.IsAuthentic(LocalKey) ? IceRefusal.None : IceRefusal.NotAuthentic;
    }
}
