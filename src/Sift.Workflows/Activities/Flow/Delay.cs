namespace Sift.Workflows.Activities.Flow;

/// <summary>A durable timer: it goes on counting while the process is down, and fires once.</summary>
internal sealed class Delay : IActivity
{
    public ActivityDescriptor Descriptor { get; } =
        new("Sift.Delay", 1, FlowActivities.Category, "Delay", "Waits for some seconds, over restarts too.")
        {
            Inputs = [new InputDescriptor("Seconds", "Double", "Seconds", "How long to wait.", "singleline", "1") { IsRequired = true }],
        };

    public void Start(ActivityContext context)
    {
        var seconds = context.Input<double>("Seconds");
        if (seconds is >= 0 and <= MaxSeconds) context.StartTimer("delay", TimeSpan.FromSeconds(seconds));
        else context.Fault($"Input 'Seconds': {seconds} is not between 0 and {MaxSeconds}");
    }

    public void Resume(ActivityContext context, ActivitySignal signal) => context.Complete();

    private const double MaxSeconds = 10 * 366 * 86_400d;
}
