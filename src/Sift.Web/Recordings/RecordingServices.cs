using Sift.Media.Recording;

namespace Sift.Web.Recordings;

internal static class RecordingServices
{
    public static IServiceCollection AddSiftRecordings(this IServiceCollection services)
    {
        services.AddSingleton<RecordingFiles>();
        services.AddSingleton<RecordingDesk>();
        services.AddSingleton<IRecordingEvents>(provider => provider.GetRequiredService<RecordingDesk>());
        services.AddHostedService(provider => provider.GetRequiredService<RecordingDesk>());
        services.AddSingleton<RecordingSweep>();
        services.AddHostedService(provider => provider.GetRequiredService<RecordingSweep>());
        services.ConfigureHttpJsonOptions(json => json.SerializerOptions.TypeInfoResolverChain.Insert(0, RecordingJson.Wire));
        return services;
    }

    public static void MapSiftRecordings(this IEndpointRouteBuilder app)
    {
        var v0 = app.MapGroup("/v0");
        ListRecordings.Map(v0);
        ReadRecording.Map(v0);
        ReadRecordingAudio.Map(v0);
        DeleteRecording.Map(v0);
        ReadConversation.Map(v0);
    }
}
