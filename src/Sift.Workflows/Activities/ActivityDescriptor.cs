namespace Sift.Workflows.Activities;

/// <summary>What an activity kind is, for the engine, the designer and the docs. Names must obey the Studio contract (section 6.1).</summary>
/// <param name="TypeName">For example <c>Sift.Say</c>; unique together with <paramref name="Version"/>.</param>
public sealed record ActivityDescriptor(string TypeName, int Version, string Category, string DisplayName, string Description)
{
    public IReadOnlyList<InputDescriptor> Inputs { get; init; } = [];

    public IReadOnlyList<OutputDescriptor> Outputs { get; init; } = [];

    /// <summary>Outcome ports. Empty with <see cref="IsTerminal"/>; otherwise at least one.</summary>
    public IReadOnlyList<string> Outcomes { get; init; } = ["Done"];

    /// <summary>Name of the input that lists further outcome ports typed by the person who draws the flow; null when fixed.</summary>
    public string? DynamicOutcomesInput { get; init; }

    public bool IsContainer { get; init; }

    public bool IsStart { get; init; }

    public bool IsTerminal { get; init; }

    public bool IsBrowsable { get; init; } = true;
}

/// <summary>One input.</summary>
/// <param name="TypeName">String, Int32, Double, Boolean or Object.</param>
/// <param name="UiHint">Editor: singleline, multiline, checkbox, dropdown, multitext, json-editor, dynamic-outcomes …</param>
/// <param name="DefaultValue">Used when the definition leaves the input out, as the JSON text of the value; null for none.</param>
public sealed record InputDescriptor(string Name, string TypeName, string DisplayName, string? Description, string UiHint, string? DefaultValue = null)
{
    /// <summary>The choices of a drop-down.</summary>
    public IReadOnlyList<string> Options { get; init; } = [];

    public bool IsRequired { get; init; }

    /// <summary>Hidden from people in journals and viewers.</summary>
    public bool IsSensitive { get; init; }
}

public sealed record OutputDescriptor(string Name, string TypeName, string DisplayName, string? Description);
