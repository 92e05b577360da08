using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;

namespace Sift.Protocols.Sdp;

/// <summary>Reads session descriptions line by line (RFC 8866 section 9). One instance per description.</summary>
internal sealed class SdpReader
{
    private readonly List<SdpAttribute> _sessionAttributes = [];
    private readonly List<SdpLine> _sessionLines = [];
    private readonly List<MediaDescription> _media = [];

    private SdpOrigin? _origin;
    private string? _name;
    private SdpConnection? _connection;

    private MediaDescription? _current;
    private SdpConnection? _currentConnection;
    private List<SdpAttribute> _currentAttributes = [];
    private List<SdpLine> _currentLines = [];

    private SdpReader()
    {
    }

    public static bool TryRead(ReadOnlySpan<byte> bytes, [NotNullWhen(true)] out SessionDescription? description)
    {
        description = null;
        if (bytes.Length > SdpLimits.MaxBytes || !bytes.StartsWith("v=0"u8))
        {
            return false;
        }

        var characters = ArrayPool<char>.Shared.Rent(bytes.Length);
        try
        {
            return TryRead(characters.AsSpan(0, Encoding.UTF8.GetChars(bytes, characters)), out description);
        }
        finally
        {
            ArrayPool<char>.Shared.Return(characters);
        }
    }

    private static bool TryRead(ReadOnlySpan<char> text, [NotNullWhen(true)] out SessionDescription? description)
    {
        description = null;
        var reader = new SdpReader();
        var lines = 0;
        foreach (var range in text.Split('\n'))
        {
            var line = text[range].TrimEnd('\r');

            // An empty line is no SDP; at the end, senders that close with one too many are common.
            if (line.IsEmpty)
            {
                continue;
            }

            if (++lines > SdpLimits.MaxLines || line.Length < 2 || line[1] != '=' || line.ContainsAny('\0', '\r') || !reader.TryLine(line[0], line[2..], lines))
            {
                return false;
            }
        }

        return reader.TryFinish(out description);
    }

    private bool TryLine(char type, ReadOnlySpan<char> value, int number)
    {
        if (number == 1)
        {
            return type == 'v' && value.Trim(' ') is "0";
        }

        switch (type)
        {
            case 'o' when _origin is null && _current is null:
                return SdpOrigin.TryParse(value, out _origin);
            case 's' when _name is null && _current is null:
                _name = SharedStrings.Of(value);
                return true;
            case 'c':
                return TryConnection(value);
            case 'm':
                return TryMedia(value);
            case 'a':
                return TryAttribute(value);
            case 'i' or 'u' or 'e' or 'p' or 'b' or 't' or 'r' or 'z' or 'k':
                (_current is null ? _sessionLines : _currentLines).Add(new SdpLine(type, SharedStrings.Of(value)));
                return true;
            default:
                // RFC 8866 5: unknown types are refused; a second v=, o= or s= is one.
                return false;
        }
    }

    private bool TryConnection(ReadOnlySpan<char> value)
    {
        if (!SdpConnection.TryParse(value, out var connection))
        {
            return false;
        }

        // RFC 8866 5.7 allows several for layered multicast; the first is the one to send to.
        if (_current is null)
        {
            _connection ??= connection;
        }
        else
        {
            _currentConnection ??= connection;
        }

        return true;
    }

    private bool TryAttribute(ReadOnlySpan<char> value)
    {
        if (value.IsEmpty || value[0] == ':')
        {
            return false;
        }

        (_current is null ? _sessionAttributes : _currentAttributes).Add(SdpAttribute.Parse(value));
        return true;
    }

    private bool TryMedia(ReadOnlySpan<char> value)
    {
        CloseMedia();
        if (_media.Count >= SdpLimits.MaxMediaDescriptions)
        {
            return false;
        }

        Span<Range> parts = stackalloc Range[SdpLimits.MaxFormats + 4];
        var count = value.Split(parts, ' ', StringSplitOptions.RemoveEmptyEntries);
        if (count is < 4 or > SdpLimits.MaxFormats + 3)
        {
            return false;
        }

        var port = value[parts[1]];
        var slash = port.IndexOf('/');
        if (slash >= 0)
        {
            if (!int.TryParse(port[(slash + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out _))
            {
                return false;
            }

            port = port[..slash];
        }

        if (!MediaDescription.TryPort(port, out var number))
        {
            return false;
        }

        var formats = new string[count - 3];
        for (var i = 0; i < formats.Length; i++)
        {
            formats[i] = SharedStrings.Of(value[parts[i + 3]]);
        }

        _current = new MediaDescription { Type = SharedStrings.Of(value[parts[0]]), Port = number, Protocol = SharedStrings.Of(value[parts[2]]), Formats = formats };
        return true;
    }

    private void CloseMedia()
    {
        if (_current is null)
        {
            return;
        }

        _media.Add(_current with { Connection = _currentConnection, Attributes = _currentAttributes, OtherLines = _currentLines });
        _current = null;
        _currentConnection = null;
        _currentAttributes = [];
        _currentLines = [];
    }

    private bool TryFinish([NotNullWhen(true)] out SessionDescription? description)
    {
        CloseMedia();
        description = null;
        if (_origin is null)
        {
            return false;
        }

        // s= and t= are mandatory too (RFC 8866 5.3, 5.9), but nothing in a call depends on them and phones forget them.
        if (!_sessionLines.Exists(l => l.Type == 't'))
        {
            _sessionLines.Add(new SdpLine('t', "0 0"));
        }

        description = new SessionDescription
        {
            Origin = _origin,
            Name = string.IsNullOrEmpty(_name) ? "-" : _name,
            Connection = _connection,
            Attributes = _sessionAttributes,
            OtherLines = _sessionLines,
            Media = _media,
        };
        return true;
    }
}
