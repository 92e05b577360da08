using Sift.Activities.Routines;
using Sift.Activities.Tests.Fixtures;

namespace Sift.Activities.Tests.Commands;

public sealed class CommandFilesTests
{
    [Fact]
    public void Every_command_has_one_file_and_one_test_class_with_fixtures()
    {
        foreach (var command in CommandCatalog.Instance.Commands)
        {
            var name = command.Shape.Name;
            Assert.Equal(name, command.GetType().Name);
            Assert.True(File.Exists(Path.Combine(Repository.Root, "src/Sift.Activities/Commands", name + ".cs")), $"{name} has no file of its own");
            var tests = typeof(CommandFilesTests).Assembly.GetType($"Sift.Activities.Tests.Commands.{name}Tests");
            Assert.True(tests?.IsSubclassOf(typeof(CommandTests)), $"{name} has no class {name}Tests that is a CommandTests");
        }
    }

    [Fact]
    public void Every_command_is_in_the_documentation()
    {
        var text = File.ReadAllText(Path.Combine(Repository.Root, "docs/routines.md"));
        foreach (var command in CommandCatalog.Instance.Commands)
        {
            Assert.Contains($"## {command.Shape.Name}", text);
            Assert.All(command.Shape.Parameters, parameter => Assert.Contains($"`{parameter.Name}`", text));
        }

        Assert.All(RoutineParser.UnavailableCommands, name => Assert.Contains($"`{name}`", text));
    }
}
