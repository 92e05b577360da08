using System.Text;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web;
using Sift.Web.Accounts;
using Sift.Web.Hosting;

namespace Sift.Web.ConsolePages;

/// <summary>Who looks at a page.</summary>
/// <param name="IsOperator">The first account runs the server: it sees trunks and what was refused before it belonged to anybody.</param>
internal sealed record Viewer(string AccountId, bool IsOperator)
{
    public static Viewer Of(HttpContext http)
    {
        var account = http.User.AccountId();
        return new Viewer(account, account == http.RequestServices.GetRequiredService<FirstAccount>().Id);
    }
}

/// <summary>A page of the console: a component rendered once, on the server. What it shows is encoded by Razor, whatever it holds.</summary>
internal static class ConsolePage
{
    // No inline script, no inline style, nothing from elsewhere: text that slips through as HTML could still do nothing.
    private const string Policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; media-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

    public static IResult Of<TPage>(object model, int status = StatusCodes.Status200OK)
        where TPage : IComponent
        => new PageResult(typeof(TPage), model, status);

    private sealed class PageResult(Type page, object model, int status) : IResult
    {
        public async Task ExecuteAsync(HttpContext httpContext)
        {
            await using var renderer = new HtmlRenderer(httpContext.RequestServices, httpContext.RequestServices.GetRequiredService<ILoggerFactory>());
            var parameters = ParameterView.FromDictionary(new Dictionary<string, object?> { ["Who"] = Viewer.Of(httpContext), ["View"] = model });
            var html = await renderer.Dispatcher.InvokeAsync(async () => (await renderer.RenderComponentAsync(page, parameters)).ToHtmlString());
            var response = httpContext.Response;
            response.StatusCode = status;
            response.ContentType = "text/html; charset=utf-8";
            response.Headers.ContentSecurityPolicy = Policy;
            response.Headers.CacheControl = "no-store";
            response.Headers.XContentTypeOptions = "nosniff";
            response.Headers["Referrer-Policy"] = "same-origin";
            await response.WriteAsync(html, Encoding.UTF8, httpContext.RequestAborted);
        }
    }
}
