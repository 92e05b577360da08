using System.Text.Json.Nodes;

namespace Sift.Workflows.Expressions;

/// <summary>What expressions can look at. Returned nodes belong to the instance and must not be changed.</summary>
internal interface IValueScope
{
    bool TryVariable(string name, out JsonNode? value);

    JsonObject Input { get; }

    /// <summary>Outputs of the activity that completed last.</summary>
    JsonObject? Last { get; }

    /// <summary>Latest outputs of an activity of the definition, by its name or id.</summary>
    JsonObject? OutputsOf(string activity);
}
