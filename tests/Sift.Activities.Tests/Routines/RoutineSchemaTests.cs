using Sift.Activities.Routines;
using Sift.Activities.Tests.Fixtures;

namespace Sift.Activities.Tests.Routines;

public sealed class RoutineSchemaTests
{
    /// <summary>With SIFT_UPDATE_SCHEMA=1 in the environment the committed file is written first.</summary>
    [Fact]
    public void The_committed_schema_is_the_generated_one()
    {
        var path = Path.Combine(Repository.Root, "workflows", "routine.schema.json");
        var generated = RoutineSchema.Generate(CommandCatalog.Instance);
        if (Environment.GetEnvironmentVariable("SIFT_UPDATE_SCHEMA") == "1")
        {
            File.WriteAllText(path, generated);
        }

        Assert.Equal(generated, File.ReadAllText(path));
    }

    [Fact]
    public void Every_command_is_in_the_schema_and_an_activity_that_designers_can_use()
    {
        var schema = RoutineSchema.Generate(CommandCatalog.Instance);
        string[] reserved = ["Id", "NodeId", "Name", "Type", "Version", "Metadata", "CustomProperties", "Activities", "Connections", "Variables", "Root"];
        Assert.NotEmpty(CommandCatalog.Instance.Commands);
        foreach (var command in CommandCatalog.Instance.Commands)
        {
            Assert.Contains($"\"#/$defs/{command.Shape.Name}\"", schema);
            var names = command.Descriptor.Inputs.Select(static input => input.Name).Concat(command.Descriptor.Outputs.Select(static output => output.Name)).ToArray();
            Assert.Equal(names.Length, names.Distinct().Count());
            Assert.Empty(names.Intersect(reserved));
            Assert.Equal(command.Descriptor.IsTerminal, command.Descriptor.Outcomes.Count == 0);
        }
    }
}
