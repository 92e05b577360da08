namespace Sift.Web.Storage;

/// <summary>
/// What a text finds: a number, or its beginning, the calls from and to it; ids and names themselves. Each way on an index of its own, because
/// one condition over all of them would look at every row.
/// </summary>
/// <param name="text">The parameter of the statement that holds it; the account is $1.</param>
/// <param name="end">The parameter with what is behind all that begins with the text.</param>
internal sealed class InstanceSearch(string text, string end)
{
    /// <summary>Of a number or a flow with more calls than this, the newest are found.</summary>
    private const int Largest = 1_000;

    /// <summary>Selects the ids as <c>found_id</c>.</summary>
    public string Sql
    {
        get
        {
            var named = $"(SELECT definition_id FROM definitions WHERE account_id = $1 AND is_latest = 1 AND LOWER(name) = LOWER({text}) LIMIT 1)";
            string[] ways =
            [
                $"SELECT id, created_at AS made_at FROM instances WHERE id = {text}",
                $"SELECT id, created_at AS made_at FROM instances WHERE definition_version_id = {text} AND account_id = $1 ORDER BY created_at DESC LIMIT {Largest}",
                .. OfFlow(text),
                .. OfFlow(named),
                .. OfNumber("from_endpoint"),
                .. OfNumber("to_endpoint"),
            ];
            var all = string.Join(" UNION ALL ", ways.Select((way, i) => $"SELECT * FROM ({way}) AS way{i}"));

            // Looking each of them up in the instances is what costs: they lie all over the table.
            return $"SELECT id AS found_id FROM (SELECT id, MAX(made_at) AS latest FROM ({all}) AS ways GROUP BY id ORDER BY latest DESC LIMIT {Largest}) AS newest";
        }
    }

    private static IEnumerable<string> OfFlow(string flow)
        => InstanceRanges.States([], []).Select(state => InstanceRanges.Of(state, flow, null, null).First("", "DESC", Largest));

    private IEnumerable<string> OfNumber(string column) =>
    [
        $"SELECT id, created_at AS made_at FROM connections WHERE account_id = $1 AND {column} = {text} ORDER BY created_at DESC, id DESC LIMIT {Largest}",
        $"SELECT id, created_at AS made_at FROM connections WHERE account_id = $1 AND {column} > {text} AND {column} < {end} LIMIT {Largest}",
    ];
}
