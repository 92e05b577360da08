using System.Text.Json.Nodes;

namespace Sift.Testing;

/// <summary>What a simulated web server answers.</summary>
public sealed record Reply
{
    private Reply(int? status, string content) => (StatusCode, Content) = (status, content);

    /// <summary>An empty answer with status 200: no instructions.</summary>
    public static Reply Empty { get; } = new(200, "");

    /// <summary>The server cannot be reached.</summary>
    public static Reply Unreachable { get; } = new(null, "");

    /// <summary>The server takes the request and never answers.</summary>
    public static Reply Never { get; } = Empty with { Delay = Timeout.InfiniteTimeSpan };

    /// <summary>The HTTP status; null when the server cannot be reached.</summary>
    public int? StatusCode { get; }

    /// <summary>The body.</summary>
    public string Content { get; }

    /// <summary>How long the server takes, in virtual time.</summary>
    public TimeSpan Delay { get; private init; }

    /// <summary>Commands to run, as a JSON list: <c>Reply.Routine("""[{"name":"HangUp"}]""")</c>.</summary>
    /// <param name="commands">A JSON list, or an object with a <c>routine</c>; sent as it is, wrapped when it is a list.</param>
    public static Reply Routine(string commands) => Json(commands.AsSpan().TrimStart().StartsWith("[") ? $$"""{"routine":{{commands}}}""" : commands);

    /// <summary>Commands to run, each a JSON object.</summary>
    public static Reply Routine(params JsonObject[] commands) =>
        Json(new JsonObject { ["routine"] = new JsonArray([.. commands.Select(static command => command.DeepClone())]) }.ToJsonString());

    /// <summary>Any body with status 200.</summary>
    public static Reply Json(string body) => new(200, body);

    /// <summary>A status without a body.</summary>
    public static Reply Status(int status) => new(status, "");

    /// <summary>The same after some virtual time.</summary>
    public Reply After(TimeSpan delay) => this with { Delay = delay };
}
