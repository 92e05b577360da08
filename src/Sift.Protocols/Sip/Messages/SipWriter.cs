using System.Buffers;

namespace Sift.Protocols.Sip.Messages;

/// <summary>Writes SIP messages as bytes (UTF-8, CRLF, long header names), with Content-Length from the body.</summary>
public static class SipWriter
{
    public static void Write(SipMessage message, IBufferWriter<byte> output) => throw new InvalidOperationException();
}
