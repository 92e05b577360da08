using System.Text.Json.Nodes;

namespace Sift.Workflows.Activities.Flow;

/// <summary>Gives a variable a value.</summary>
internal sealed class SetVariable : IActivity
{
    public ActivityDescriptor Descriptor { get; } =
        new("Sift.SetVariable", 1, FlowActivities.Data, "Set variable", "Gives a variable a value.")
        {
            Inputs =
            [
                new InputDescriptor("Variable", "String", "Variable", "The name of the variable.", "singleline") { IsRequired = true },
                new InputDescriptor("Value", "Object", "Value", "A text, a template or JSON.", "multiline"),
            ],
        };

    public void Start(ActivityContext context)
    {
        if (context.Input<string>("Variable") is not { Length: > 0 } name)
        {
            context.Fault("Input 'Variable' is missing");
            return;
        }

        context.SetVariable(name, context.Input<JsonNode>("Value"));
        context.Complete();
    }
}
