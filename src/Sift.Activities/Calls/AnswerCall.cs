using Sift.Workflows.Activities;

namespace Sift.Activities.Calls;

/// <summary>Answers the call and completes when media can pass. For drawn workflows of applications that answer on demand.</summary>
internal sealed class AnswerCall : IActivity
{
    public ActivityDescriptor Descriptor { get; } = new("Sift.Answer", 1, "Call", "Answer", "Answers the call.");

    public void Start(ActivityContext context)
    {
        if (new CallScope(context).EnsureUp())
        {
            context.Complete();
        }
    }

    public void Resume(ActivityContext context, ActivitySignal signal) => context.Complete();
}
