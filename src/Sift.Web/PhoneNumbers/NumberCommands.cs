using Sift.Web.Http;
using Sift.Web.Storage;
using Sift.Web.Storage.Migrations;

namespace Sift.Web.PhoneNumbers;

/// <summary>The operator's command <c>sift numbers …</c>: which numbers may be registered. Works on the database of the server, running or not.</summary>
internal static class NumberCommands
{
    public const string Usage = """
        sift numbers import CC FILE   puts the E.164 numbers of a file (one a line, - for standard input) on sale in country CC
        sift numbers list [CC]        the imported numbers
        sift numbers remove NUMBER    takes a number off the list; a registered one stays registered
        """;

    /// <returns>The exit code: 0 done, 1 refused, 2 not understood.</returns>
    public static async Task<int> RunAsync(IServiceProvider services, string[] arguments, TextWriter output, TextWriter errors, CancellationToken cancellationToken)
    {
        await services.GetRequiredService<Migrator>().MigrateAsync(cancellationToken);
        var database = services.GetRequiredService<Database>();
        switch (arguments)
        {
            case ["import", { Length: 2 } country, var file]:
                return await ImportAsync(database, country.ToUpperInvariant(), file, services.GetRequiredService<TimeProvider>().GetUtcNow(), output, errors, cancellationToken);
            case ["list"] or ["list", { Length: 2 }]:
                await ListAsync(database, arguments.ElementAtOrDefault(1)?.ToUpperInvariant(), output, cancellationToken);
                return 0;
            case ["remove", var number]:
                await using (var connection = await database.OpenAsync(cancellationToken))
                {
                    return await connection.ExecuteAsync("DELETE FROM inventory_numbers WHERE number = $1", cancellationToken, number) == 1
                        ? await SayAsync(output, $"{number} is off the list.", 0)
                        : await SayAsync(errors, $"{number} was not imported.", 1);
                }

            default:
                return await SayAsync(errors, Usage, 2);
        }
    }

    private static async Task<int> ImportAsync(
        Database database, string country, string file, DateTimeOffset now, TextWriter output, TextWriter errors, CancellationToken cancellationToken)
    {
        string[] lines;
        try
        {
            lines = file == "-" ? (await Console.In.ReadToEndAsync(cancellationToken)).Split('\n') : await File.ReadAllLinesAsync(file, cancellationToken);
        }
        catch (IOException problem)
        {
            return await SayAsync(errors, problem.Message, 1);
        }

        var numbers = lines.Select(line => line.Trim()).Where(line => line.Length > 0).ToList();
        var bad = numbers.Where(number => !Validation.IsE164(number)).ToList();
        if (bad.Count > 0)
        {
            return await SayAsync(errors, $"Nothing was imported: not E.164 numbers: {string.Join(", ", bad.Take(10))}{(bad.Count > 10 ? $" and {bad.Count - 10} more" : "")}", 1);
        }

        await using var connection = await database.OpenAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var added = 0;
        foreach (var number in numbers)
        {
            added += await connection.ExecuteAsync(
                "INSERT INTO inventory_numbers (number, country, created_at) VALUES ($1, $2, $3) ON CONFLICT (number) DO NOTHING", cancellationToken, number, country, now.UtcTicks);
        }

        await transaction.CommitAsync(cancellationToken);
        return await SayAsync(output, $"{added} numbers imported, {numbers.Count - added} were known.", 0);
    }

    private static async Task ListAsync(Database database, string? country, TextWriter output, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        await using var command = country is null
            ? connection.Command("SELECT country, number FROM inventory_numbers ORDER BY country, number")
            : connection.Command("SELECT country, number FROM inventory_numbers WHERE country = $1 ORDER BY number", country);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            await output.WriteLineAsync($"{reader.GetString(0)}  {reader.GetString(1)}");
        }
    }

    private static async Task<int> SayAsync(TextWriter writer, string text, int code)
    {
        await writer.WriteLineAsync(text);
        return code;
    }
}
