namespace Sift.Web.Http;

/// <summary>What endpoints tell the OpenAPI document about themselves.</summary>
internal static class EndpointMetadata
{
    /// <summary>The body may be JSON or a form, with the same field names.</summary>
    public static RouteHandlerBuilder AcceptsBody<T>(this RouteHandlerBuilder route)
        where T : notnull
        => route.WithMetadata(new BodyMetadata(typeof(T)));

    public static RouteHandlerBuilder ProducesProblems(this RouteHandlerBuilder route, params ReadOnlySpan<int> statuses)
    {
        foreach (var status in statuses)
        {
            route.Produces<Problem>(status, "application/problem+json");
        }

        return route;
    }

    /// <summary>The route takes cursor and limit, and those filters.</summary>
    public static RouteHandlerBuilder IsList(this RouteHandlerBuilder route, params (string Name, string Description)[] filters)
        => route.WithMetadata(new ListMetadata(filters));

    /// <summary>Not <c>Accepts</c>: that one makes routing refuse other content types before the account is known.</summary>
    internal sealed record BodyMetadata(Type Type);

    internal sealed record ListMetadata(IReadOnlyList<(string Name, string Description)> Filters);
}
