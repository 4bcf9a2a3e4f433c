using System.Globalization;
using System.Reflection;
using Microsoft.Data.Sqlite;
using Mimu.Core.Storage;

namespace Mimu.Embedded.Sqlite;

/// <summary>Brings a database up to this program's schema: numbered SQL resources, each in one transaction with its number in <c>user_version</c>.</summary>
internal static class Migrator
{
    private const string Prefix = "Migrations/";

    /// <summary>The schema this program knows.</summary>
    public static int Latest => Resources().Length;

    /// <exception cref="StorageRefusedException">A newer program made this database.</exception>
    public static void RefuseNewer(SqliteConnection connection, string path)
    {
        var present = Version(connection);
        if (present > Latest)
        {
            throw new StorageRefusedException(StorageRefusal.TooNew,
                $"The database {path} has schema {present}, made by a newer Mimu; this one knows schemas up to {Latest}. Start the newer program.");
        }
    }

    public static void Migrate(SqliteConnection connection) => Migrate(connection, Latest);

    /// <summary>As a program did that knew schemas up to <paramref name="until"/>.</summary>
    public static void Migrate(SqliteConnection connection, int until)
    {
        var resources = Resources();
        for (var number = Version(connection) + 1; number <= until; number++)
        {
            Execute(connection, $"BEGIN IMMEDIATE;\n{Read(resources[number - 1])}\nPRAGMA user_version = {number.ToString(CultureInfo.InvariantCulture)};\nCOMMIT;");
        }
    }

    private static int Version(SqliteConnection connection)
    {
        using var command = connection.CreateCommand();
        command.CommandText = "PRAGMA user_version";
        return Convert.ToInt32(command.ExecuteScalar(), CultureInfo.InvariantCulture);
    }

    private static void Execute(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
#pragma warning disable CA2100 // The text is this program's own resource
        command.CommandText = sql;
#pragma warning restore CA2100
        command.ExecuteNonQuery();
    }

    /// <summary>Named 0001_initial.sql, 0002_….sql: the number is the version that they lead to.</summary>
    private static string[] Resources()
    {
        var names = Array.FindAll(Assembly.GetExecutingAssembly().GetManifestResourceNames(), name => name.StartsWith(Prefix, StringComparison.Ordinal));
        Array.Sort(names, StringComparer.Ordinal);
        return names;
    }

    private static string Read(string name)
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream(name)!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
