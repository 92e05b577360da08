namespace Sift.Protocols.Sip.Messages;

internal delegate bool FieldParser<T>(ReadOnlySpan<char> text, out T? value);

/// <summary>
/// The typed reading of one header field, kept as long as the field's text stays the same string. A transaction, a dialog and a
/// leg all ask for the same From and CSeq; they are parsed once.
/// </summary>
internal struct ParsedField<T>
    where T : class
{
    private string? _text;
    private T? _value;

    public T? Read(string? text, FieldParser<T> parse)
    {
        if (!ReferenceEquals(text, _text))
        {
            _text = text;
            _value = text is not null && parse(text, out var value) ? value : null;
        }

        return _value;
    }
}
