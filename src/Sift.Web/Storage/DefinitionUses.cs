namespace Sift.Web.Storage;

/// <summary>Which applications answer their calls with a flow.</summary>
internal sealed class DefinitionUses(Database database)
{
    private const int MostNamed = 5;

    /// <summary>Why the flow must stay published, naming the applications; null when none of the account names it.</summary>
    public async ValueTask<string?> ReasonToKeepAsync(string accountId, string definitionId, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        await using var command = connection.Command(
            "SELECT name, id FROM applications WHERE account_id = $1 AND workflow_id = $2 ORDER BY name, id", accountId, definitionId);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var names = new List<string>();
        while (await reader.ReadAsync(cancellationToken))
        {
            names.Add($"{reader.GetString(0)} ({reader.GetString(1)})");
        }

        if (names.Count == 0)
        {
            return null;
        }

        var shown = string.Join(", ", names.Take(MostNamed)) + (names.Count > MostNamed ? $" and {names.Count - MostNamed} more" : "");
        return $"The flow answers the calls of {(names.Count == 1 ? "the application" : "the applications")} {shown}. Give {(names.Count == 1 ? "it" : "them")} another flow or routine first.";
    }
}
