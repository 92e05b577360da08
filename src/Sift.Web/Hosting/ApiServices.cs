using Microsoft.AspNetCore.Diagnostics;
using Sift.Activities.Calls;
using Sift.Activities.Routines;
using Sift.Web.Accounts;
using Sift.Web.Applications;
using Sift.Web.AvailableNumbers;
using Sift.Web.Connections;
using Sift.Web.Http;
using Sift.Web.PhoneNumbers;
using Sift.Web.SignIn;
using Sift.Web.Storage;
using Sift.Web.Workflows;

namespace Sift.Web.Hosting;

internal static class ApiServices
{
    public static IServiceCollection AddSiftApi(this IServiceCollection services, Configuration configuration)
    {
        var options = configuration.Options;
        services.ConfigureHttpJsonOptions(json =>
        {
            json.SerializerOptions.PropertyNamingPolicy = System.Text.Json.JsonNamingPolicy.SnakeCaseLower;
            json.SerializerOptions.DefaultIgnoreCondition = System.Text.Json.Serialization.JsonIgnoreCondition.WhenWritingNull;
            json.SerializerOptions.TypeInfoResolverChain.Insert(0, ApiJson.Wire);
            json.SerializerOptions.Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping;
        });
        services.AddSingleton(new PublicUrl(options.PublicUrl));
        services.AddSingleton(new RoutineParser(CommandCatalog.Instance));
        services.AddSingleton<NewAccountValidator>();
        services.AddSingleton<ApplicationFieldsValidator>();
        services.AddSingleton<NewConnectionValidator>();
        services.AddSingleton<ConnectionChangeValidator>();
        services.AddSingleton<NewPhoneNumberValidator>();
        services.AddSingleton<PhoneNumberChangeValidator>();
        services.AddSingleton<InstanceEventValidator>();
        services.AddSingleton<NewTestRunValidator>();
        services.AddSingleton<IdempotencyKeys>();
        services.AddSingleton<InstanceSteps>();
        services.AddSingleton<HistoryReplay>();
        services.AddSingleton<TestRuns>();
        services.AddSingleton<RetryAdvice>();
        services.AddSingleton<InstanceFiles>();
        services.AddSingleton(provider => new NumberInventory(
            options.Numbers.ToDictionary(pair => pair.Key.ToUpperInvariant(), pair => (IReadOnlyList<string>)pair.Value, StringComparer.Ordinal),
            configuration.SandboxEnabled,
            provider.GetRequiredService<Microsoft.EntityFrameworkCore.IDbContextFactory<SiftDbContext>>()));
        services.AddSiftAuthentication(options.DataDirectory);
        services.AddSingleton(options.Api);
        return services;
    }

    /// <summary>The middleware, in the order it works.</summary>
    public static void UseSiftApi(this WebApplication app)
    {
        app.UseExceptionHandler(handler => handler.Run(async http =>
        {
            var failure = http.Features.Get<IExceptionHandlerFeature>()?.Error;
            var problem = failure switch
            {
                BadHttpRequestException bad => Problems.Of(bad.StatusCode, "The request could not be read."),
                CallRefusedException refused => Problems.Of(StatusCodes.Status503ServiceUnavailable, refused.Message),
                _ when StorageTrouble.Describe(failure) is { } trouble => Problems.Of(StatusCodes.Status503ServiceUnavailable, trouble),
                _ => Problems.Of(StatusCodes.Status500InternalServerError, "Something went wrong on the server; it has been logged."),
            };
            await problem.ExecuteAsync(http);
        }));
        app.UseStatusCodePages(async context =>
        {
            var status = context.HttpContext.Response.StatusCode;
            await Problems.Of(status, status switch
            {
                404 => "There is nothing at this path.",
                405 => "The path does not take this method.",
                _ => "The request was refused.",
            }).ExecuteAsync(context.HttpContext);
        });
        app.UseSwaggerUI(page =>
        {
            page.RoutePrefix = "docs";
            page.DocumentTitle = "Sift voice API";
            page.SwaggerEndpoint(OpenApi.Route, "Sift voice API");
        });
        app.UseRouting();
        app.UseAuthentication();
        app.UseSameOriginCheck();
        app.UseAuthorization();
        app.UseMiddleware<AccountRateLimit>();
    }

    public static void MapSiftApi(this WebApplication app)
    {
        var v0 = app.MapGroup("/v0");
        AccountRoutes.Map(v0);
        CreateApplication.Map(v0);
        ListApplications.Map(v0);
        ReadApplication.Map(v0);
        UpdateApplication.Map(v0);
        DeleteApplication.Map(v0);
        CreateConnection.Map(v0);
        ListConnections.Map(v0);
        ReadConnection.Map(v0);
        ChangeConnection.Map(v0);
        ListAvailableNumbers.Map(v0);
        RegisterPhoneNumber.Map(v0);
        ListPhoneNumbers.Map(v0);
        ReadPhoneNumber.Map(v0);
        RebindPhoneNumber.Map(v0);
        ReleasePhoneNumber.Map(v0);
        ListWorkflows.Map(v0);
        SaveWorkflow.Map(v0);
        ReadWorkflow.Map(v0);
        PublishWorkflow.Map(v0);
        DeleteWorkflow.Map(v0);
        TestWorkflow.Map(v0);
        Workflows.ListInstances.Map(v0);
        Workflows.ReadInstance.Map(v0);
        ReadInstanceSteps.Map(v0);
        ReplayInstance.Map(v0);
        ExportInstance.Map(v0);
        ChangeInstance.Map(v0);
        SignInPage.Map(app);
        app.MapOpenApi("/{documentName}.json").AllowAnonymous();
    }
}
