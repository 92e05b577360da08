using Sift.Web.Accounts;
using Sift.Web.Browser;
using Sift.Web.ConsolePages;
using Sift.Web.Deliveries;
using Sift.Web.Hosting;
using Sift.Web.Http;
using Sift.Web.Observability;
using Sift.Web.Recordings;
using Sift.Web.Storage;
using Sift.Web.Studio;

if (await CommandLine.RunAsync(args) is { } exitCode)
{
    return exitCode;
}

var builder = WebApplication.CreateSlimBuilder([.. args.SkipWhile(argument => argument == "serve")]);
builder.Configuration.Sources.Insert(0, Configuration.Defaults);
var configuration = Configuration.Read(builder.Configuration);
if (configuration.Errors.Count > 0)
{
    await Console.Error.WriteLineAsync("Sift cannot start:" + string.Concat(configuration.Errors.Select(error => $"{Environment.NewLine}  {error}")));
    return 2;
}

builder.WebHost.ConfigureKestrel(kestrel =>
{
    kestrel.AddServerHeader = false;
    kestrel.Limits.MaxRequestBodySize = RequestBody.LargestBody;
});
builder.Services.AddSingleton(TimeProvider.System);
builder.Services.AddSingleton(configuration);
builder.Services.AddSingleton(configuration.Options);
builder.Services.AddSingleton<FirstAccount>();
builder.Services.AddSingleton<MetricsRegistry>();
builder.Services.AddSingleton<IReadinessProbe, DatabaseProbe>();
builder.Services.AddSingleton<IReadinessProbe, CommitProbe>();
builder.Services.AddSingleton<IReadinessProbe>(new DiskProbe(configuration.Options, DiskProbe.FreeBytes));
builder.Services.AddSingleton<IReadinessProbe, SpeechProbe>();
builder.Services.AddSiftStorage(configuration.ConnectionString, configuration.Options.Retention);
builder.Services.AddSiftAccounts(configuration.Options.DataDirectory);
builder.Services.AddHostedService<DataDirectoryLock>();
builder.Services.AddHostedService<ServerStart>();
builder.Services.AddSiftStorageLoops();
builder.Services.AddSiftRetrySchedule(configuration.ConnectionString);
builder.Services.AddSiftBrowser(builder.Configuration);
builder.Services.AddSiftTelemetry(builder.Configuration);
builder.Services.AddSiftRecorder();
builder.Services.AddSiftDeliveries();
builder.Services.AddSiftRecordings();
builder.Services.AddSiftConsole();
builder.Services.AddSiftCalls(configuration);
builder.Services.AddSiftApi(configuration);
builder.Services.AddSiftStudio(configuration.Options.Studio);
builder.Services.AddSiftOpenApi();

var app = builder.Build();
app.Services.GetRequiredService<MetricsRegistry>();
app.UseSiftBrowser();
app.UseSiftApi();
app.UseSiftAudit();
app.UseSettledReads();
app.MapSiftApi();
app.MapSiftBrowser();
app.MapSiftDeliveries();
app.MapSiftRecordings();
app.MapSiftConsole();
app.MapSiftStudio();
app.MapSiftHealth();
app.MapSiftMetrics();
app.PrintStartupBlock();
await app.RunAsync();
return 0;
