using System.Globalization;
using System.Text.Json.Nodes;

namespace Sift.Workflows.Expressions;

/// <summary>
/// Reads the inside of a hole: <c>or</c>, <c>and</c>, <c>not</c>, one comparison, then a value with <c>| function: argument, argument</c>.
/// </summary>
internal sealed class TemplateParser(string text)
{
    private int _position;
    private int _depth;

    public TemplateExpression Parse()
    {
        var expression = ParseOr();
        SkipSpace();
        if (_position < text.Length) throw new TemplateException($"'{text[_position..].Trim()}' was not expected");
        return expression;
    }

    private TemplateExpression ParseOr()
    {
        var left = ParseAnd();
        while (Word("or")) left = new TemplateBinary("or", left, ParseAnd());
        return left;
    }

    private TemplateExpression ParseAnd()
    {
        var left = ParseNot();
        while (Word("and")) left = new TemplateBinary("and", left, ParseNot());
        return left;
    }

    private TemplateExpression ParseNot()
    {
        if (++_depth > MaxDepth) throw new TemplateException("it is nested too deeply");
        var result = Word("not") ? new TemplateNot(ParseNot()) : ParseComparison();
        _depth--;
        return result;
    }

    private TemplateExpression ParseComparison()
    {
        var left = ParsePiped();
        foreach (var symbol in s_comparisons)
        {
            if (Symbol(symbol)) return new TemplateBinary(symbol, left, ParsePiped());
        }

        return Word("contains") ? new TemplateBinary("contains", left, ParsePiped()) : left;
    }

    private TemplateExpression ParsePiped()
    {
        var value = ParsePrimary();
        while (Symbol("|"))
        {
            var name = Identifier() ?? throw new TemplateException("a function name is missing after '|'");
            var arguments = new List<TemplateExpression>();
            if (Symbol(":"))
            {
                do arguments.Add(ParsePrimary());
                while (Symbol(","));
            }

            if (TemplateFunctions.Problem(name, arguments.Count) is { } problem) throw new TemplateException(problem);
            value = new TemplateCall(name, value, arguments);
        }

        return value;
    }

    private TemplateExpression ParsePrimary()
    {
        SkipSpace();
        if (_position == text.Length) throw new TemplateException("a value is missing");

        var c = text[_position];
        if (c is '"' or '\'') return new TemplateConstant(JsonValue.Create(Quoted(c)));
        if (c == '(')
        {
            _position++;
            var inner = ParseOr();
            return Symbol(")") ? inner : throw new TemplateException("')' is missing");
        }

        if (char.IsAsciiDigit(c) || c == '-') return new TemplateConstant(Number());
        return Identifier() switch
        {
            null => throw new TemplateException($"'{c}' was not expected"),
            "true" => new TemplateConstant(JsonValue.Create(true)),
            "false" => new TemplateConstant(JsonValue.Create(false)),
            "null" or "nil" or "empty" => new TemplateConstant(null),
            { } first => Path(first),
        };
    }

    private TemplatePath Path(string first)
    {
        var segments = new List<string> { first };
        while (_position < text.Length)
        {
            if (text[_position] == '.')
            {
                _position++;
                segments.Add(Identifier() ?? throw new TemplateException("a name is missing after '.'"));
            }
            else if (text[_position] == '[')
            {
                _position++;
                SkipSpace();
                if (_position == text.Length) throw new TemplateException("']' is missing");
                segments.Add(text[_position] is '"' or '\'' ? Quoted(text[_position]) : Identifier() ?? throw new TemplateException("an index is missing after '['"));
                if (!Symbol("]")) throw new TemplateException("']' is missing");
            }
            else
            {
                break;
            }
        }

        return new TemplatePath(segments);
    }

    private JsonNode Number()
    {
        var start = _position++;
        while (_position < text.Length && (char.IsAsciiDigit(text[_position]) || text[_position] == '.')) _position++;
        var digits = text.AsSpan(start, _position - start);
        if (long.TryParse(digits, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole)) return JsonValue.Create(whole);
        return double.TryParse(digits, NumberStyles.Float, CultureInfo.InvariantCulture, out var real)
            ? JsonValue.Create(real)
            : throw new TemplateException($"'{digits}' is not a number");
    }

    private string Quoted(char quote)
    {
        var end = text.IndexOf(quote, _position + 1);
        if (end < 0) throw new TemplateException("a quote is not closed");
        var inner = text[(_position + 1)..end];
        _position = end + 1;
        return inner;
    }

    private string? Identifier()
    {
        SkipSpace();
        var start = _position;
        while (_position < text.Length && (char.IsLetterOrDigit(text[_position]) || text[_position] is '_' or '-' or '$')) _position++;
        return _position > start ? text[start.._position] : null;
    }

    private bool Word(string word)
    {
        SkipSpace();
        if (string.CompareOrdinal(text, _position, word, 0, word.Length) != 0) return false;
        var end = _position + word.Length;
        if (end < text.Length && (char.IsLetterOrDigit(text[end]) || text[end] is '_' or '.' or '-')) return false;
        _position = end;
        return true;
    }

    private bool Symbol(string symbol)
    {
        SkipSpace();
        if (string.CompareOrdinal(text, _position, symbol, 0, symbol.Length) != 0) return false;
        _position += symbol.Length;
        return true;
    }

    private void SkipSpace()
    {
        while (_position < text.Length && char.IsWhiteSpace(text[_position])) _position++;
    }

    private static readonly string[] s_comparisons = ["==", "!=", "<=", ">=", "<", ">"];

    private const int MaxDepth = 64;
}
