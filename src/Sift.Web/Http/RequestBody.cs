using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using FluentValidation;

namespace Sift.Web.Http;

/// <summary>Reads a request body, JSON object or form alike, and finds everything that is wrong with it at once.</summary>
internal static class RequestBody
{
    public const int LargestBody = 1024 * 1024;

    private const int DeepestJson = 32;

    // Names that older clients use for the same field (sift-api 9.3).
    private static readonly Dictionary<string, string> Aliases = new(StringComparer.Ordinal) { ["app_id"] = "application_id" };

    /// <summary>Reads and validates a body whose fields are the properties of <typeparamref name="T"/>.</summary>
    /// <param name="check">What this route asks beyond the validator.</param>
    public static async ValueTask<BodyResult<T>> ReadAsync<T>(HttpContext http, JsonTypeInfo<T> type, IValidator<T> validator, Action<T, FieldErrors>? check = null)
        where T : class
    {
        var errors = new FieldErrors();
        JsonObject? fields;
        try
        {
            fields = http.Request.HasFormContentType
                ? await FormAsync(http, errors)
                : IsJson(http.Request) ? await JsonAsync(http, errors) : null;
        }
        catch (BadHttpRequestException exception)
        {
            return new(null, Problems.Of(exception.StatusCode, exception.StatusCode == 413 ? $"The body may have at most {LargestBody} bytes." : "The body could not be read."));
        }
        catch (InvalidDataException exception)
        {
            return new(null, Problems.Of(StatusCodes.Status400BadRequest, $"The form could not be read: {exception.Message}"));
        }

        if (fields is null)
        {
            return errors.Any
                ? new(null, errors.ToProblem())
                : new(null, Problems.Of(StatusCodes.Status415UnsupportedMediaType, "Send application/json or application/x-www-form-urlencoded."));
        }

        ResolveAliases(fields, errors);
        var present = fields.Select(field => field.Key).ToHashSet(StringComparer.Ordinal);
        KeepReadable(fields, type, errors, http.Request.HasFormContentType);
        var value = fields.Deserialize(type)!;
        foreach (var failure in (await validator.ValidateAsync(value, http.RequestAborted)).Errors)
        {
            errors.AddUnlessReported(JsonNamingPolicy.SnakeCaseLower.ConvertName(failure.PropertyName), failure.ErrorMessage);
        }

        check?.Invoke(value, errors);

        return errors.Any ? new(null, errors.ToProblem()) : new(value, null) { Present = present };
    }

    private static bool IsJson(HttpRequest request)
        => request.ContentLength is 0 || request.HasJsonContentType() || request.ContentType is null;

    private static async ValueTask<JsonObject?> JsonAsync(HttpContext http, FieldErrors errors)
    {
        if (http.Request.ContentLength is 0)
        {
            return [];
        }

        try
        {
            var options = new JsonDocumentOptions { MaxDepth = DeepestJson, AllowDuplicateProperties = false };
            if (await JsonNode.ParseAsync(http.Request.Body, documentOptions: options, cancellationToken: http.RequestAborted) is JsonObject fields)
            {
                return fields;
            }

            errors.Add("body", "must be a JSON object");
        }
        catch (JsonException exception)
        {
            errors.Add("body", $"is not valid JSON (line {exception.LineNumber + 1}, byte {exception.BytePositionInLine})");
        }

        return null;
    }

    private static async ValueTask<JsonObject> FormAsync(HttpContext http, FieldErrors errors)
    {
        var form = await http.Request.ReadFormAsync(http.RequestAborted);
        var fields = new JsonObject();
        foreach (var (name, values) in form)
        {
            if (values.Count > 1)
            {
                errors.Add(name, "is given more than once");
            }

            // A form has no null: an empty field stands for it.
            fields[name] = string.IsNullOrEmpty(values[0]) ? null : JsonValue.Create(values[0]);
        }

        return fields;
    }

    private static void ResolveAliases(JsonObject fields, FieldErrors errors)
    {
        foreach (var (alias, name) in Aliases)
        {
            if (!fields.TryGetPropertyValue(alias, out var value))
            {
                continue;
            }

            fields.Remove(alias);
            if (!fields.TryGetPropertyValue(name, out var other))
            {
                fields[name] = value?.DeepClone();
            }
            else if (!JsonNode.DeepEquals(value, other))
            {
                errors.AddUnreadable(alias, $"names the same thing as {name}, with another value");
            }
        }
    }

    /// <summary>Takes out, with an error, what is unknown or of the wrong type, so that the rest can be read and checked too.</summary>
    private static void KeepReadable(JsonObject fields, JsonTypeInfo type, FieldErrors errors, bool isForm)
    {
        foreach (var (name, value) in fields.ToArray())
        {
            if (type.Properties.FirstOrDefault(property => property.Name == name) is not { } property)
            {
                errors.Add(name, "is not a field of this request");
                fields.Remove(name);
            }
            else if (value is not null)
            {
                var (read, error) = Read(value, Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType, isForm);
                if (error is not null)
                {
                    errors.AddUnreadable(name, error);
                }

                fields[name] = read;
            }
        }
    }

    private static (JsonNode? Value, string? Error) Read(JsonNode value, Type type, bool isForm)
    {
        if (type == typeof(JsonNode))
        {
            return isForm ? ReadJsonText(value) : (value.DeepClone(), null);
        }

        var text = value.GetValueKind() == JsonValueKind.String ? value.GetValue<string>() : null;
        if (type == typeof(string))
        {
            return text is null ? (null, "must be a string") : text.Contains('\0', StringComparison.Ordinal) ? (null, "may not hold a null character") : (text, null);
        }

        if (type == typeof(double))
        {
            return value.GetValueKind() == JsonValueKind.Number ? (value.DeepClone(), null)
                : isForm && double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number) ? (number, null)
                : (null, "must be a number");
        }

        throw new NotSupportedException($"No request field may be of type {type}");
    }

    private static (JsonNode? Value, string? Error) ReadJsonText(JsonNode value)
    {
        try
        {
            return (JsonNode.Parse(value.GetValue<string>(), documentOptions: new JsonDocumentOptions { MaxDepth = DeepestJson }), null);
        }
        catch (JsonException)
        {
            return (null, "must be JSON text when sent in a form");
        }
    }
}

/// <summary>Either a value or the problem to answer with.</summary>
internal sealed record BodyResult<T>(T? Value, IResult? Problem)
    where T : class
{
    /// <summary>The fields that were in the body, null ones too.</summary>
    public IReadOnlySet<string> Present { get; init; } = new HashSet<string>();
}

internal sealed class FieldErrors
{
    private readonly Dictionary<string, List<string>> errors = new(StringComparer.Ordinal);
    private readonly HashSet<string> unreadable = new(StringComparer.Ordinal);

    public bool Any => errors.Count > 0;

    public void Add(string field, string message)
    {
        if (!errors.TryGetValue(field, out var messages))
        {
            errors.Add(field, messages = []);
        }

        messages.Add(message);
    }

    /// <summary>A field that could not be read is not also reported as missing.</summary>
    public void AddUnlessReported(string field, string message)
    {
        if (!unreadable.Contains(field))
        {
            Add(field, message);
        }
    }

    /// <summary>The field is there but cannot be read.</summary>
    public void AddUnreadable(string field, string message)
    {
        unreadable.Add(field);
        Add(field, message);
    }

    public IResult ToProblem() => Problems.Invalid(errors.ToDictionary(pair => pair.Key, pair => pair.Value.ToArray()));
}
