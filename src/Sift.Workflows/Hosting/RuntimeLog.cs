using Microsoft.Extensions.Logging;

namespace Sift.Workflows.Hosting;

internal static partial class RuntimeLog
{
    [LoggerMessage(3001, LogLevel.Error, "Instance {InstanceId}: the handler of effect {EffectId} ({EffectType}) failed")]
    public static partial void HandlerFailed(ILogger logger, Exception exception, string instanceId, string effectId, string effectType);

    [LoggerMessage(3002, LogLevel.Error, "Instance {InstanceId}: nothing carries out effects of type {EffectType}")]
    public static partial void NoHandler(ILogger logger, string instanceId, string effectType);

    [LoggerMessage(3003, LogLevel.Warning, "Instance {InstanceId} belongs to another owner now; the local copy is dropped")]
    public static partial void Lost(ILogger logger, Exception exception, string instanceId);

    [LoggerMessage(3004, LogLevel.Warning, "Instance {InstanceId}: append failed, repeating in {Delay}")]
    public static partial void AppendRepeated(ILogger logger, Exception exception, string instanceId, TimeSpan delay);

    [LoggerMessage(3005, LogLevel.Error, "Instance {InstanceId}: the journal cannot be written; the local copy is dropped")]
    public static partial void AppendFailed(ILogger logger, Exception exception, string instanceId);

    [LoggerMessage(3006, LogLevel.Error, "Instance {InstanceId} cannot be taken up again")]
    public static partial void RecoveryFailed(ILogger logger, Exception exception, string instanceId);

    [LoggerMessage(3007, LogLevel.Information, "{Count} instances taken up again, {Failed} could not be")]
    public static partial void Recovered(ILogger logger, int count, int failed);

    [LoggerMessage(3008, LogLevel.Error, "Instance {InstanceId}: the engine failed; the local copy is dropped")]
    public static partial void EngineFailed(ILogger logger, Exception exception, string instanceId);

    [LoggerMessage(3009, LogLevel.Error, "An observer of instances failed")]
    public static partial void ObserverFailed(ILogger logger, Exception exception);

    [LoggerMessage(3011, LogLevel.Warning, "Instance {InstanceId}: incident in activity {NodeId}: {Message}")]
    public static partial void Incident(ILogger logger, string instanceId, string nodeId, string message);
}
