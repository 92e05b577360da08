using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Sift.Web.Storage.GroupCommit;

/// <summary>
/// One prepared statement, bound by position. ADO.NET looks every parameter up by its name and makes a reader for every execution, which cost the
/// committing thread more than SQLite itself.
/// </summary>
internal sealed class SqliteStatement : IDisposable
{
    private readonly sqlite3 database;
    private readonly sqlite3_stmt statement;

    public SqliteStatement(SqliteConnection connection, string sql)
    {
        database = connection.Handle!;

        // $2 is a name to SQLite, numbered by where it stands; ?2 is the second.
        var positional = sql.Replace('$', '?');
        SqliteException.ThrowExceptionForRC(raw.sqlite3_prepare_v3(database, positional, raw.SQLITE_PREPARE_PERSISTENT, out statement), database);
    }

    /// <summary>Runs to the end and returns how many rows were changed.</summary>
    public int Execute(ReadOnlySpan<object?> values)
    {
        for (var i = 0; i < values.Length; i++)
        {
            Bind(i + 1, values[i]);
        }

        try
        {
            var result = raw.sqlite3_step(statement);
            if (result is not (raw.SQLITE_DONE or raw.SQLITE_ROW))
            {
                SqliteException.ThrowExceptionForRC(result, database);
            }

            return raw.sqlite3_changes(database);
        }
        finally
        {
            raw.sqlite3_reset(statement);
        }
    }

    public void Dispose() => statement.Dispose();

    private void Bind(int index, object? value)
    {
        var result = value switch
        {
            null => raw.sqlite3_bind_null(statement, index),
            string text => raw.sqlite3_bind_text(statement, index, text),
            long number => raw.sqlite3_bind_int64(statement, index, number),
            int number => raw.sqlite3_bind_int(statement, index, number),
            // An empty span would be bound as NULL.
            byte[] { Length: 0 } => raw.sqlite3_bind_zeroblob(statement, index, 0),
            byte[] bytes => raw.sqlite3_bind_blob(statement, index, bytes),
            double number => raw.sqlite3_bind_double(statement, index, number),
            _ => throw new ArgumentException($"No column holds a value of type {value.GetType()}", nameof(value)),
        };
        SqliteException.ThrowExceptionForRC(result, database);
    }
}
