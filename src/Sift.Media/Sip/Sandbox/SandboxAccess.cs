using Sift.Protocols.Sip.Messages;

namespace Sift.Media.Sip.Sandbox;

/// <summary>What a sandbox phone's request is worth.</summary>
internal enum SandboxVerdict
{
    Granted,

    /// <summary>No credentials, or wrong ones: challenge.</summary>
    Challenge,

    /// <summary>Right, but with an old nonce: challenge again with stale=true.</summary>
    Stale,

    /// <summary>Credentials of one number used for another.</summary>
    Wrong,
}

/// <summary>Who is a sandbox phone: the user is the number, the password is the sandbox's.</summary>
internal sealed class SandboxAccess(string password, DigestGate digest)
{
    /// <param name="number">The number that the request speaks for, in E.164.</param>
    public SandboxVerdict Check(SipRequest request, string number, TimeSpan now) => digest.Check(request, password, now) switch
    {
        DigestGateVerdict.Challenge => SandboxVerdict.Challenge,
        DigestGateVerdict.Stale => SandboxVerdict.Stale,
        DigestGateVerdict.Granted => DialledNumber.TryNormalise(digest.UserOf(request), out var user) && user == number
            ? SandboxVerdict.Granted
            : SandboxVerdict.Wrong,
    };

    /// <summary>The header fields of a 401 to that request.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Challenge(SipRequest request, bool stale) => digest.Challenge(request, stale);
}
