using Sift.Workflows.Expressions;

namespace Sift.Workflows.Activities.Flow;

/// <summary>Leaves by <c>True</c> or <c>False</c>.</summary>
internal sealed class If : IActivity
{
    public ActivityDescriptor Descriptor { get; } =
        new("Sift.If", 1, FlowActivities.Category, "If", "Takes one of two ways.")
        {
            Inputs =
            [
                new InputDescriptor(
                    "Condition", "Object", "Condition", "A template such as {{ last.digits == \"1\" }}. Empty, 0 and false are false.", "singleline")
                {
                    IsRequired = true,
                },
            ],
            Outcomes = ["True", "False"],
        };

    public void Start(ActivityContext context) => context.Complete(TemplateExpression.IsTrue(context.Input("Condition")) ? "True" : "False");
}
