using Sift.Web.Storage.GroupCommit;

namespace Sift.Web.Storage;

/// <summary>
/// Whoever asks over HTTP sees all that happened before: steps of calls that still wait for company are committed first, so that a call that has just
/// been answered is in the list.
/// </summary>
internal static class SettledReads
{
    public static void UseSettledReads(this IApplicationBuilder app) => app.Use(static async (http, next) =>
    {
        var path = http.Request.Path;
        if ((HttpMethods.IsGet(http.Request.Method) && path.StartsWithSegments("/v0")) || path.StartsWithSegments("/elsa/api"))
        {
            await http.RequestServices.GetRequiredService<GroupCommitWriter>().SettleAsync(http.RequestAborted);
        }

        await next(http);
    });
}
