using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Json.Nodes;

namespace Sift.Workflows.Expressions;

/// <summary>
/// A text with <c>{{ … }}</c> holes, as docs/workflows.md describes. A text that is one hole and nothing else keeps the value's own type;
/// otherwise the values are put into the text.
/// </summary>
internal sealed class Template
{
    private readonly List<(string? Text, TemplateExpression? Hole)> _parts;

    private Template(List<(string?, TemplateExpression?)> parts) => _parts = parts;

    public bool IsConstant => _parts.TrueForAll(part => part.Hole is null);

    public static bool TryParse(string text, [NotNullWhen(true)] out Template? template, [NotNullWhen(false)] out string? error)
    {
        template = null;
        error = null;
        var parts = new List<(string?, TemplateExpression?)>();
        var position = 0;
        while (position < text.Length)
        {
            var open = text.IndexOf("{{", position, StringComparison.Ordinal);
            if (open < 0) break;
            if (open > position) parts.Add((text[position..open], null));

            var close = EndOfHole(text, open + 2);
            if (close < 0)
            {
                error = $"'{{{{' at position {open + 1} is never closed";
                return false;
            }

            try
            {
                parts.Add((null, new TemplateParser(text[(open + 2)..close]).Parse()));
            }
            catch (TemplateException e)
            {
                error = $"'{text[open..(close + 2)]}': {e.Message}";
                return false;
            }

            position = close + 2;
        }

        if (position < text.Length) parts.Add((text[position..], null));
        template = new Template(parts);
        return true;
    }

    public JsonNode? Evaluate(IValueScope scope)
    {
        if (_parts is [(null, { } only)]) return only.Evaluate(scope);

        var text = new StringBuilder();
        foreach (var (literal, hole) in _parts) text.Append(literal ?? ValueConversion.AsText(hole!.Evaluate(scope)));
        return JsonValue.Create(text.ToString());
    }

    private static int EndOfHole(string text, int from)
    {
        char? quote = null;
        for (var i = from; i < text.Length; i++)
        {
            if (quote is { } open)
            {
                if (text[i] == open) quote = null;
            }
            else if (text[i] is '"' or '\'')
            {
                quote = text[i];
            }
            else if (text[i] == '}' && i + 1 < text.Length && text[i + 1] == '}')
            {
                return i;
            }
        }

        return -1;
    }
}

/// <summary>A hole cannot be read, or a function got something it cannot use.</summary>
internal sealed class TemplateException(string message) : Exception(message);
