using System.Buffers;
using System.Text;

namespace Sift.Protocols.Sip.Messages;

/// <summary>What the framer found next in the stream.</summary>
public enum SipFrameKind
{
    /// <summary>Nothing whole yet: read more.</summary>
    None,

    /// <summary>One whole message; its bytes are in <see cref="SipFrame.Bytes"/>.</summary>
    Message,

    /// <summary>CRLF CRLF (RFC 5626 section 3.5.1): answer with one CRLF.</summary>
    Ping,

    /// <summary>A single CRLF: the answer to our own ping.</summary>
    Pong,

    /// <summary>The stream cannot be followed any further (no or bad Content-Length, over a limit): close it.</summary>
    Broken,
}

/// <summary>One find of the framer. <see cref="Bytes"/> are valid until the next call.</summary>
public readonly ref struct SipFrame(SipFrameKind kind, ReadOnlySpan<byte> bytes = default, SipParseError error = SipParseError.None)
{
    public SipFrameKind Kind { get; } = kind;

    public ReadOnlySpan<byte> Bytes { get; } = bytes;

    /// <summary>
    /// With <see cref="SipFrameKind.Broken"/>: why. The bytes then hold the header part when it is whole, so that a 400 can be sent first.
    /// </summary>
    public SipParseError Error { get; } = error;
}

/// <summary>
/// Cuts a TCP or TLS byte stream into messages by Content-Length (RFC 3261 18.3) and finds keep-alives (RFC 5626 3.5.1).
/// Feed it with <see cref="Append"/>, then call <see cref="Next"/> until it gives <see cref="SipFrameKind.None"/> or
/// <see cref="SipFrameKind.Broken"/>. One owner; dispose to give the buffer back.
/// </summary>
public sealed class SipStreamFramer : IDisposable
{
    private const int FirstBuffer = 4096;

    private byte[] _buffer = [];
    private int _start;
    private int _end;

    /// <summary>Bytes already searched for the empty line, so that a slow sender costs no quadratic work.</summary>
    private int _searched;
    private int _messageLength;
    private bool _midMessage;
    private bool _broken;

    /// <summary>Bytes held back for a message that is not whole.</summary>
    public int Buffered => _end - _start;

    public void Append(ReadOnlySpan<byte> bytes)
    {
        if (_broken || bytes.IsEmpty)
        {
            return;
        }

        MakeRoom(bytes.Length);
        bytes.CopyTo(_buffer.AsSpan(_end));
        _end += bytes.Length;
    }

    public SipFrame Next()
    {
        if (_broken)
        {
            return new SipFrame(SipFrameKind.Broken, error: SipParseError.NotSip);
        }

        var held = _buffer.AsSpan(_start, _end - _start);
        if (!_midMessage)
        {
            if (TryKeepAlive(held, out var keepAlive))
            {
                return new SipFrame(keepAlive);
            }

            if (held is [(byte)'\r'] or [(byte)'\r', (byte)'\n', (byte)'\r'] or [])
            {
                return new SipFrame(SipFrameKind.None);
            }

            _midMessage = true;
        }

        if (_messageLength == 0)
        {
            var from = Math.Max(0, _searched - 3);
            var at = held[from..].IndexOf("\r\n\r\n"u8);
            if (at < 0)
            {
                _searched = held.Length;
                return held.Length > SipLimits.MaxHeaderBytes
                    ? Break(default, SipParseError.TooLarge)
                    : new SipFrame(SipFrameKind.None);
            }

            var headLength = from + at + 4;
            var head = held[..headLength];
            if (headLength > SipLimits.MaxHeaderBytes)
            {
                return Break(default, SipParseError.TooLarge);
            }

            // RFC 3261 20.14: over a stream Content-Length must be there; without it the next message cannot be found.
            if (!TryContentLength(head, out var bodyLength))
            {
                return Break(head, SipParseError.BadRequest);
            }

            if (headLength + bodyLength > SipLimits.MaxMessageBytes)
            {
                return Break(head, SipParseError.TooLarge);
            }

            _messageLength = headLength + (int)bodyLength;
        }

        if (held.Length < _messageLength)
        {
            return new SipFrame(SipFrameKind.None);
        }

        var message = held[.._messageLength];
        Skip(_messageLength);
        _messageLength = 0;
        _searched = 0;
        _midMessage = false;
        return new SipFrame(SipFrameKind.Message, message);
    }

    public void Dispose()
    {
        if (_buffer.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_buffer);
        }

        _buffer = [];
        _start = 0;
        _end = 0;
        _broken = true;
    }

    private bool TryKeepAlive(ReadOnlySpan<byte> held, out SipFrameKind kind)
    {
        kind = SipFrameKind.None;
        if (held.StartsWith("\r\n\r\n"u8))
        {
            Skip(4);
            kind = SipFrameKind.Ping;
            return true;
        }

        // A lone CRLF may also be half a ping whose rest is under way; a ping is so small that TCP practically never cuts it.
        if (held.StartsWith("\r\n"u8) && held is not [_, _, (byte)'\r'])
        {
            Skip(2);
            kind = SipFrameKind.Pong;
            return true;
        }

        return false;
    }

    /// <summary>The one Content-Length of the head, long or compact form. Two that differ in anything break the stream.</summary>
    private static bool TryContentLength(ReadOnlySpan<byte> head, out uint length)
    {
        length = 0;
        var found = false;
        while (true)
        {
            var end = head.IndexOf("\r\n"u8);
            if (end < 0)
            {
                return found;
            }

            head = head[(end + 2)..];
            var lineEnd = head.IndexOf("\r\n"u8);
            var colon = lineEnd < 0 ? -1 : head[..lineEnd].IndexOf((byte)':');
            if (colon <= 0)
            {
                continue;
            }

            var name = head[..colon].TrimEnd(" \t"u8);
            if (!Ascii.EqualsIgnoreCase(name, "Content-Length") && !Ascii.EqualsIgnoreCase(name, "l"))
            {
                continue;
            }

            if (found || !TryValue(head[(colon + 1)..], out length))
            {
                return false;
            }

            found = true;
        }
    }

    private static bool TryValue(ReadOnlySpan<byte> rest, out uint length)
    {
        // The value may be folded onto the next line (RFC 3261 7.3.1), so line breaks before the digits count as white space.
        length = 0;
        var end = 0;
        do
        {
            var line = rest[end..].IndexOf("\r\n"u8);
            if (line < 0)
            {
                return false;
            }

            end += line + 2;
        }
        while (end < rest.Length && rest[end] is ((byte)' ' or (byte)'\t'));

        var digits = rest[..end].Trim(" \t\r\n"u8);
        Span<char> characters = stackalloc char[20];
        if (digits.IsEmpty || digits.Length > characters.Length)
        {
            return false;
        }

        for (var i = 0; i < digits.Length; i++)
        {
            characters[i] = (char)digits[i];
        }

        return SipText.TryNumber(characters[..digits.Length], out length);
    }

    private SipFrame Break(ReadOnlySpan<byte> bytes, SipParseError error)
    {
        _broken = true;
        return new SipFrame(SipFrameKind.Broken, bytes, error);
    }

    private void Skip(int count) => _start += count;

    private void MakeRoom(int count)
    {
        var held = _end - _start;
        if (_end + count <= _buffer.Length)
        {
            return;
        }

        if (held + count <= _buffer.Length)
        {
            _buffer.AsSpan(_start, held).CopyTo(_buffer);
        }
        else
        {
            var larger = ArrayPool<byte>.Shared.Rent(Math.Max(FirstBuffer, held + count));
            _buffer.AsSpan(_start, held).CopyTo(larger);
            if (_buffer.Length > 0)
            {
                ArrayPool<byte>.Shared.Return(_buffer);
            }

            _buffer = larger;
        }

        _start = 0;
        _end = held;
    }
}
