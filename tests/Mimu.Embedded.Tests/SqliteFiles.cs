using System.Globalization;
using Microsoft.Data.Sqlite;

namespace Mimu.Embedded.Tests;

/// <summary>Looks at a database from outside, as an administrator's shell does.</summary>
internal static class SqliteFiles
{
    public static SqliteConnection Open(string path)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Pooling = false }.ToString());
        connection.Open();
        return connection;
    }

    public static long Number(this SqliteConnection connection, string sql) => Convert.ToInt64(connection.Scalar(sql), CultureInfo.InvariantCulture);

    public static string Text(this SqliteConnection connection, string sql) => Convert.ToString(connection.Scalar(sql), CultureInfo.InvariantCulture)!;

    public static void Run(this SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
#pragma warning disable CA2100 // The tests' own constants
        command.CommandText = sql;
#pragma warning restore CA2100
        command.ExecuteNonQuery();
    }

    public static List<string> Lines(this SqliteConnection connection, string sql, int column = 0)
    {
        using var command = connection.CreateCommand();
#pragma warning disable CA2100 // The tests' own constants
        command.CommandText = sql;
#pragma warning restore CA2100
        using var reader = command.ExecuteReader();
        var lines = new List<string>();
        while (reader.Read())
        {
            lines.Add(reader.GetString(column));
        }
        return lines;
    }

    /// <summary>A file's bytes, also while the storage has it open.</summary>
    public static byte[] Read(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        var bytes = new byte[file.Length];
        file.ReadExactly(bytes);
        return bytes;
    }

    private static object? Scalar(this SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
#pragma warning disable CA2100 // The tests' own constants
        command.CommandText = sql;
#pragma warning restore CA2100
        return command.ExecuteScalar();
    }
}
