using System.Text.Json.Nodes;
using Sift.Workflows.Expressions;

namespace Sift.Workflows.Activities.Flow;

/// <summary>Leaves by the port named like a value.</summary>
internal sealed class Switch : IActivity
{
    public ActivityDescriptor Descriptor { get; } =
        new("Sift.Switch", 1, FlowActivities.Category, "Switch", "Takes the way that is named like the value, else Default.")
        {
            Inputs =
            [
                new InputDescriptor("Value", "Object", "Value", "What to look at, for example {{ last.digits }}.", "singleline") { IsRequired = true },
                new InputDescriptor("Cases", "Object", "Cases", "The values that have a way of their own.", "dynamic-outcomes"),
            ],
            Outcomes = ["Default"],
            DynamicOutcomesInput = "Cases",
        };

    public void Start(ActivityContext context)
    {
        var value = ValueConversion.AsText(context.Input("Value"));
        var known = context.Input("Cases") is JsonArray cases && cases.Any(item => ValueConversion.AsText(item) == value);
        context.Complete(known ? value : "Default");
    }
}
