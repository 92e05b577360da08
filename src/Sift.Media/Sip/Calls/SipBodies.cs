using Sift.Protocols.Sip.Messages;

namespace Sift.Media.Sip.Calls;

/// <summary>Finds the session description in a message body.</summary>
internal static class SipBodies
{
    /// <summary>The SDP of a message: the whole body, or the first SDP part of a multipart body (RFC 5621). Empty when there is none.</summary>
    public static ReadOnlyMemory<byte> Sdp(SipMessage message) =>
        message.Headers.Contains("Content-Type") ? MultipartBody.Find(message, "application/sdp") ?? default : message.Body;
}
