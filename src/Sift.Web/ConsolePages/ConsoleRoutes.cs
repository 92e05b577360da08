using System.Globalization;
using System.Security.Claims;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;
using Sift.Activities.Connections;
using Sift.Activities.Webhooks;
using Sift.Media.Sip.Tracing;
using Sift.Web.Accounts;
using Sift.Web.ConsolePages.Pages;
using Sift.Web.ConsolePages.Trunks;
using Sift.Web.Deliveries;
using Sift.Web.Hosting;
using Sift.Web.Http;
using Sift.Web.Observability;
using Sift.Web.Observability.Captures;
using Sift.Web.SignIn;
using Sift.Web.Storage;

namespace Sift.Web.ConsolePages;

/// <summary>The pages of the console. They only read; what changes something is a form that the API takes.</summary>
internal static class ConsoleRoutes
{
    public const string Root = "/console";

    /// <summary>Behind the Call-ID of a refused call, for its capture.</summary>
    public const string CaptureSuffix = ".pcapng";

    private const int Rows = 50;

    private static readonly TimeSpan Tick = TimeSpan.FromSeconds(2);

    public static IServiceCollection AddSiftConsole(this IServiceCollection services)
    {
        services.AddSingleton<OverviewReader>();
        services.AddSingleton<TrunkDoctor>();
        return services;
    }

    public static void MapSiftConsole(this IEndpointRouteBuilder app)
    {
        app.MapGet("/console.css", static () => EmbeddedPage.Result("console.css", "text/css; charset=utf-8")).AllowAnonymous().ExcludeFromDescription();
        app.MapGet("/console.js", static () => EmbeddedPage.Result("console.js", "text/javascript; charset=utf-8")).AllowAnonymous().ExcludeFromDescription();
        app.MapGet("/console.svg", static () => EmbeddedPage.Result("console.svg", "image/svg+xml")).AllowAnonymous().ExcludeFromDescription();
        var pages = app.MapGroup(Root).ExcludeFromDescription();
        pages.MapGet("", OverviewAsync);
        pages.MapGet("/connections", ConnectionsAsync);
        pages.MapGet("/connections/{id}", ConnectionAsync);
        pages.MapGet("/applications", ApplicationsAsync);
        pages.MapGet("/numbers", NumbersAsync);
        pages.MapGet("/trunks", Trunks);
        pages.MapGet("/trunks/{name}", TrunkAsync);
        pages.MapGet("/refused/{**call}", Refused);
        pages.MapGet("/deliveries", DeliveriesAsync);
        pages.MapGet("/deliveries/{id}", DeliveryAsync);
        pages.MapGet("/keys", KeysAsync);
        pages.MapGet("/audit", AuditAsync);
        pages.MapGet("/live", LiveAsync);
        pages.MapFallback(static () => NotFound("There is no such page."));
    }

    private static async Task<IResult> OverviewAsync(ClaimsPrincipal user, HttpContext http, OverviewReader overview, CancellationToken cancellationToken)
        => ConsolePage.Of<OverviewPage>(await overview.ReadAsync(Viewer.Of(http), cancellationToken));

    private static async Task<IResult> ConnectionsAsync(HttpContext http, ClaimsPrincipal user, ConnectionStore store, CancellationToken cancellationToken)
    {
        var search = new ConnectionSearch(Query(http, "status"), Query(http, "direction"), Query(http, "number"), Query(http, "failure"), Query(http, "from"), Query(http, "until"));
        var filter = ConnectionFilter.None with
        {
            Status = Enum.TryParse<ConnectionStatus>(search.Status, ignoreCase: true, out var status) ? status : null,
            Direction = search.Direction,
            Failure = search.Failure,
            After = Day(search.From),
            Before = Day(search.Until)?.AddDays(1),
        };
        var rows = await store.ListAsync(user.AccountId(), filter with { Number = search.Number }, Page(http), cancellationToken);
        if (rows is { Rows.Count: 0, StoppedAt: null } && search.Number is not null)
        {
            // A person may know only the last digits, or half of a name.
            rows = await store.ListAsync(user.AccountId(), filter with { Party = search.Number }, Page(http), cancellationToken);
        }

        return ConsolePage.Of<ConnectionsPage>(new ConnectionsModel(search, Take(rows.Rows, row => new PagePosition(row.CreatedAt.UtcTicks, row.Id), out var next), next ?? Cursor(rows.StoppedAt)));
    }

    private static async Task<IResult> ConnectionAsync(string id, ClaimsPrincipal user, TimelineReader timelines, CancellationToken cancellationToken)
        => await timelines.ReadAsync(user.AccountId(), id, cancellationToken) is { } timeline
            ? ConsolePage.Of<ConnectionPage>(timeline)
            : NotFound("There is no such connection.");

    private static async Task<IResult> ApplicationsAsync(ClaimsPrincipal user, IDbContextFactory<SiftDbContext> contexts, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var account = user.AccountId();
        var applications = await context.Applications.AsNoTracking().Where(row => row.AccountId == account).OrderByDescending(row => row.CreatedAt).Take(200).ToListAsync(cancellationToken);
        var numbers = await context.PhoneNumbers.AsNoTracking().Where(row => row.AccountId == account && row.ApplicationId != null).ToListAsync(cancellationToken);
        return ConsolePage.Of<ApplicationsPage>(new ApplicationsModel(applications, numbers.ToLookup(row => row.ApplicationId!, row => row.Number)));
    }

    private static async Task<IResult> NumbersAsync(HttpContext http, ClaimsPrincipal user, NumberInventory inventory, IDbContextFactory<SiftDbContext> contexts, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var account = user.AccountId();
        var country = Query(http, "country") is [_, _] given ? given.ToUpperInvariant() : "US";
        var numbers = await context.PhoneNumbers.AsNoTracking().Where(row => row.AccountId == account).OrderBy(row => row.Number).Take(500).ToListAsync(cancellationToken);
        var applications = await context.Applications.AsNoTracking().Where(row => row.AccountId == account).OrderBy(row => row.Name).ToListAsync(cancellationToken);
        var available = await inventory.AvailableAsync(country, null, 12, cancellationToken);
        return ConsolePage.Of<NumbersPage>(new NumbersModel(numbers, applications, country, available));
    }

    private static IResult Trunks(HttpContext http, Telephony telephony, TrunkDoctor doctor, CallTraces traces)
        => Viewer.Of(http).IsOperator
            ? ConsolePage.Of<TrunksPage>(new TrunksModel(doctor.Trunks, telephony.Trunks, telephony.Refusals, traces.Refused))
            : NotFound("Trunks belong to the operator of this server.");

    private static async Task<IResult> TrunkAsync(string name, HttpContext http, TrunkDoctor doctor, CancellationToken cancellationToken)
        => Viewer.Of(http).IsOperator && await doctor.ExamineAsync(name, cancellationToken) is { } report
            ? ConsolePage.Of<TrunkPage>(report)
            : NotFound("There is no such trunk.");

    /// <summary>The flight recorder of a call that nobody took: it belongs to no account, so only the operator sees it.</summary>
    private static IResult Refused(string call, HttpContext http, CallTraces traces)
    {
        var isFile = call.EndsWith(CaptureSuffix, StringComparison.Ordinal) && traces.Received.All(known => known.CallId != call);
        var id = isFile ? call[..^CaptureSuffix.Length] : call;
        if (!Viewer.Of(http).IsOperator || traces.Refused.FirstOrDefault(known => known.CallId == id) is not { Messages.Count: > 0 } refused)
        {
            return NotFound("There is no such call, or it is longer ago than the last hundred that were refused.");
        }

        return isFile
            ? TypedResults.File(SipCapture.Of($"Call {id}, refused with {refused.Status}: {refused.Reason}", new TracedLeg(refused.Messages, [], 0)), SipCapture.ContentType, "refused.pcapng")
            : ConsolePage.Of<RefusedPage>(refused);
    }

    private static async Task<IResult> DeliveriesAsync(HttpContext http, ClaimsPrincipal user, DeliveryList deliveries, EndpointControl endpoints, DeliveryPipeline pipeline, TimeProvider time, CancellationToken cancellationToken)
    {
        var state = Query(http, "state") is { } name ? ListDeliveries.StateOf(name) : null;
        var filter = new DeliveryFilter(state is { } wanted ? [wanted] : null, Query(http, "kind"), Query(http, "connection"));
        var rows = await deliveries.ListAsync(user.AccountId(), filter, Page(http), cancellationToken);
        var counts = await deliveries.CountsAsync(user.AccountId(), cancellationToken);
        return ConsolePage.Of<DeliveriesPage>(new DeliveriesModel(
            state, filter.Kind, await deliveries.OutcomesAsync(user.AccountId(), time.GetUtcNow(), OverviewReader.Minutes, cancellationToken), await deliveries.NodesAsync(cancellationToken), Take(rows, row => new PagePosition(row.CreatedAt.UtcTicks, row.Id), out var next), next, counts, pipeline.ActiveCount, endpoints.List(user.AccountId())));
    }

    private static async Task<IResult> DeliveryAsync(string id, ClaimsPrincipal user, IDeliveryStore store, CancellationToken cancellationToken)
        => await store.FindAsync(id, cancellationToken) is { } delivery && delivery.AccountId == user.AccountId()
            ? ConsolePage.Of<DeliveryPage>(DeliveryObject.Of(delivery, await store.AttemptsAsync(id, cancellationToken)))
            : NotFound("There is no such delivery.");

    private static async Task<IResult> KeysAsync(ClaimsPrincipal user, WebhookSecretStore secrets, AccountStore accounts, CancellationToken cancellationToken)
        => ConsolePage.Of<KeysPage>(new KeysModel(await secrets.ListAsync(user.AccountId(), cancellationToken), await accounts.ListAsync(cancellationToken)));

    private static async Task<IResult> AuditAsync(HttpContext http, AuditLog audit, CancellationToken cancellationToken)
    {
        var viewer = Viewer.Of(http);
        var rows = await audit.ListAsync(viewer.IsOperator ? null : viewer.AccountId, Page(http), cancellationToken);
        return ConsolePage.Of<AuditPage>(new AuditModel(Take(rows, row => new PagePosition(row.At.UtcTicks, row.Id), out var next), next));
    }

    /// <summary>Tells open pages when to look again; they fetch themselves, so that what they show comes from one place.</summary>
    private static async Task LiveAsync(HttpContext http, TimeProvider time, IHostApplicationLifetime lifetime)
    {
        http.Response.ContentType = "text/event-stream";
        http.Response.Headers.CacheControl = "no-store";
        using var end = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted, lifetime.ApplicationStopping);
        using var timer = new PeriodicTimer(Tick, time);
        try
        {
            do
            {
                await http.Response.WriteAsync("event: look\ndata: \n\n", end.Token);
                await http.Response.Body.FlushAsync(end.Token);
            }
            while (await timer.WaitForNextTickAsync(end.Token));
        }
        catch (OperationCanceledException)
        {
            // The page was closed, or the server stops.
        }
    }

    private static IResult NotFound(string text) => ConsolePage.Of<MessagePage>(text, StatusCodes.Status404NotFound);

    private static DateTimeOffset? Day(string? text)
        => DateTimeOffset.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var day) ? day : null;

    private static string? Query(HttpContext http, string name) => http.Request.Query[name].ToString().Trim() is { Length: > 0 and <= 100 } value ? value : null;

    private static PageRequest Page(HttpContext http) => new(Rows, Query(http, "before") is { } text && Paging.Decode(text) is { } cursor ? cursor.Position : null, false);

    private static string? Cursor(PagePosition? position) => position is { } given ? Paging.Encode(given, backwards: false) : null;

    private static IReadOnlyList<T> Take<T>(List<T> rows, Func<T, PagePosition> position, out string? next)
    {
        next = rows.Count > Rows ? Paging.Encode(position(rows[Rows - 1]), backwards: false) : null;
        return rows.Count > Rows ? rows[..Rows] : rows;
    }
}
