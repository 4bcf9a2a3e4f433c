using System.Runtime.CompilerServices;
using Mimu.Embedded.Sqlite;
using Xunit;

namespace Mimu.Embedded.Tests;

public sealed class SchemaTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    /// <summary>
    /// The schema after all migrations, in one place to read and to review. Where a migration means to change it:
    /// <c>MIMU_WRITE_GOLDEN=1 dotnet test tests/Mimu.Embedded.Tests --filter SchemaTests</c>, and look at the difference.
    /// </summary>
    [Fact]
    public async Task The_schema_after_all_migrations_is_the_golden_one()
    {
        using var connection = SqliteConnections.OpenWriter(_directory.DatabasePath, syncEveryCommit: true);
        var actual = string.Join('\n', connection.Lines("SELECT sql || ';' || char(10) FROM sqlite_master WHERE sql IS NOT NULL ORDER BY tbl_name, type DESC, name"));
        if (Environment.GetEnvironmentVariable("MIMU_WRITE_GOLDEN") == "1")
        {
            await File.WriteAllTextAsync(Path.Combine(Path.GetDirectoryName(Here())!, "schema.sql"), actual);
            return;
        }

        Assert.Equal(await File.ReadAllTextAsync(Path.Combine(AppContext.BaseDirectory, "schema.sql")), actual);
    }

    [Fact]
    public void Every_foreign_key_has_an_index_so_that_what_goes_takes_its_own_with_it_at_once()
    {
        using var connection = SqliteConnections.OpenWriter(_directory.DatabasePath, syncEveryCommit: true);
        var keys = connection.Lines("""
            SELECT m.name || ' (' || group_concat(f."from", ', ' ORDER BY f.seq) || ')'
            FROM sqlite_master m JOIN pragma_foreign_key_list(m.name) f WHERE m.type = 'table' GROUP BY m.name, f.id
            """);
        // An index serves if the key's columns are its first.
        var indexes = connection.Lines("""
            SELECT m.name || ' (' || group_concat(i.name, ', ' ORDER BY i.seqno)
            FROM sqlite_master m JOIN pragma_index_list(m.name) l JOIN pragma_index_info(l.name) i WHERE m.type = 'table' GROUP BY m.name, l.name
            """);

        Assert.NotEmpty(keys);
        Assert.All(keys, key => Assert.Contains(indexes, index => $"{index}, ".StartsWith($"{key[..^1]}, ", StringComparison.Ordinal)));
    }

    [Fact]
    public void Every_table_is_strict()
    {
        using var connection = SqliteConnections.OpenWriter(_directory.DatabasePath, syncEveryCommit: true);

        Assert.Empty(connection.Lines("SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND NOT strict AND name NOT LIKE 'sqlite_%'"));
    }

    private static string Here([CallerFilePath] string path = "") => path;
}
