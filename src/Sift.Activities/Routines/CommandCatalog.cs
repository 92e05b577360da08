using System.Collections.Frozen;

namespace Sift.Activities.Routines;

/// <summary>Every command there is, found by one scan of the assembly.</summary>
public sealed class CommandCatalog
{
    private readonly FrozenDictionary<string, ICommand> _byName;

    private CommandCatalog(IEnumerable<ICommand> commands)
    {
        Commands = [.. commands.OrderBy(static command => command.Shape.Name, StringComparer.Ordinal)];
        _byName = Commands.ToFrozenDictionary(static command => command.Shape.Name, StringComparer.Ordinal);
    }

    /// <summary>The commands that customers can use.</summary>
    public static CommandCatalog Instance { get; } = new(Scan().Where(static command => command is not IBenchCommand));

    /// <summary>Those and the ones of the load scenarios.</summary>
    internal static CommandCatalog WithBench { get; } = new(Scan());

    /// <summary>Ordered by name.</summary>
    public IReadOnlyList<ICommand> Commands { get; }

    /// <summary>The command of that exact wire name; null when there is none.</summary>
    public ICommand? Find(string name) => _byName.GetValueOrDefault(name);

    private static IEnumerable<ICommand> Scan() => typeof(CommandCatalog).Assembly.GetTypes()
        .Where(static type => type is { IsAbstract: false, IsClass: true } && type.IsAssignableTo(typeof(ICommand)))
        .Select(static type => (ICommand)Activator.CreateInstance(type, nonPublic: true)!);
}
