namespace Sift.Web.Hosting;

/// <summary>Wires storage to the workflow runtime, the runtime to the connections, and those to the legs.</summary>
internal static class CallServices
{
    public static IServiceCollection AddSiftCalls(this IServiceCollection services, Configuration configuration)
    {
        return services;
    }
}
