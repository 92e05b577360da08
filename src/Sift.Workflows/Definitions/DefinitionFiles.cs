namespace Sift.Workflows.Definitions;

/// <summary>The definitions in a folder, one JSON file each.</summary>
public static class DefinitionFiles
{
    /// <summary>Reads every <c>*.json</c> that holds a definition; a file without a definition id is called after itself.</summary>
    /// <exception cref="DefinitionFormatException">A file cannot be read; the message names it.</exception>
    public static async Task<IReadOnlyList<WorkflowDefinition>> ReadAsync(string folder, CancellationToken cancellationToken)
    {
        var definitions = new List<WorkflowDefinition>();
        if (!Directory.Exists(folder)) return definitions;
        foreach (var path in Directory.EnumerateFiles(folder, "*.json").Where(IsDefinition).Order(StringComparer.Ordinal))
        {
            try
            {
                var definition = WorkflowDefinition.Parse(await File.ReadAllBytesAsync(path, cancellationToken).ConfigureAwait(false));
                definitions.Add(definition.DefinitionId.Length > 0 ? definition : definition.With(("definitionId", Path.GetFileNameWithoutExtension(path))));
            }
            catch (DefinitionFormatException e)
            {
                throw new DefinitionFormatException($"{Path.GetFileName(path)}: {e.Message}");
            }
        }

        return definitions;
    }

    /// <summary><c>routine.schema.json</c> lies in the same folder.</summary>
    private static bool IsDefinition(string path) => !path.EndsWith(".schema.json", StringComparison.OrdinalIgnoreCase);
}
