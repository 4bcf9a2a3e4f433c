using System.Reflection;
using Microsoft.Data.Sqlite;
using Mimu.Embedded.Sqlite;
using Mimu.Embedded.Sqlite.Stores;
using SQLitePCL;
using Xunit;

namespace Mimu.Embedded.Tests;

/// <summary>Every statement of every store, looked at as a whole: what a review of one of them overlooks.</summary>
public sealed class StoreSqlTests : IDisposable
{
    /// <summary>What is read from one end to the other and is no table: a row of constants, and the list of ids that was asked for.</summary>
    private static readonly string[] _noTables = ["SCAN CONSTANT ROW", "SCAN json_each VIRTUAL TABLE INDEX 1:"];

    /// <summary>What else is read from one end to the other on purpose, by the name of its constant.</summary>
    private static readonly Dictionary<string, (string Scan, string Reason)> _allowed = new()
    {
        ["EventStore.ReadSql"] = ("SCAN page", "the page itself: its rows were found by indexes, and its limit is the caller's"),
        ["DeviceStore.NextNumberSql"] = ("SCAN numbers", "the 126 numbers that there are"),
        ["InviteStore.ListSql"] = ("SCAN invites", "the administrator's list, which is short"),
        ["EventStore.MarkSql"] = ("SCAN stream_marks", "a few marks a day, and none from before the floor"),
        ["EventStore.ForgetMarksSql"] = ("SCAN stream_marks", "the same"),
        ["MessageRemoval.ListOldestOfAllSql"] = ("SCAN messages", "from the oldest on, as many as one piece of work may take"),
        ["MessageRemoval.ListFirstRowsSql"] = ("SCAN messages", "the same"),
        ["MessageRemoval.ListFirstEditsSql"] = ("SCAN edits", "the same"),
        ["FileStore.CountSql"] = ("SCAN files USING COVERING INDEX files_by_owner", "the administrator's question, answered by one index from end to end, on a connection that only reads"),
        ["PushStore.ListUsersSql"] = ("SCAN push_registrations USING COVERING INDEX push_registrations_by_device", "once after the start, by one index"),
        ["PushStore.ResumeSql"] = ("SCAN push_queue", "once at the start"),
        ["PushStore.CountSql"] = ("SCAN r USING COVERING INDEX push_registrations_by_token", "the administrator's question, on a connection that only reads"),
        ["InviteStore.ForgetExpiredSql"] = ("SCAN invites", "the same short table, when an administrator makes another invitation"),
    };

    /// <summary>What may stand in an anonymous object: Dapper expands a naked byte[] like a list, and makes upper-case text of a Guid (docs/adr/0003).</summary>
    private static readonly HashSet<Type> _parameters = [typeof(string), typeof(bool), typeof(int), typeof(int?), typeof(long), typeof(long?), typeof(Blob)];

    private readonly TemporaryDirectory _directory = new();
    private readonly SqliteConnection _connection;

    public StoreSqlTests() => _connection = SqliteConnections.OpenWriter(_directory.DatabasePath, syncEveryCommit: true);

    private static IEnumerable<(string Name, string Sql)> Statements =>
        from store in typeof(AccountStore).Assembly.GetTypes()
        where store.Namespace == typeof(AccountStore).Namespace
        from constant in store.GetFields(BindingFlags.NonPublic | BindingFlags.Public | BindingFlags.Static)
        where constant.IsLiteral && constant.Name.EndsWith("Sql", StringComparison.Ordinal)
        select ($"{store.Name}.{constant.Name}", (string)constant.GetRawConstantValue()!);

    public void Dispose()
    {
        _connection.Dispose();
        _directory.Dispose();
    }

    [Fact]
    public void No_statement_reads_a_whole_table()
    {
        var scans = Statements.SelectMany(statement => Explain(statement.Sql)
            .Where(step => step.StartsWith("SCAN ", StringComparison.Ordinal) && !_noTables.Contains(step)
                && (!_allowed.TryGetValue(statement.Name, out var allowed) || step != allowed.Scan))
            .Select(step => $"{statement.Name}: {step}")).ToList();

        Assert.True(Statements.Count() > 30, "The statements were not found.");
        Assert.True(scans.Count == 0, string.Join('\n', scans));
    }

    [Fact]
    public void Every_exception_is_still_needed() => Assert.All(_allowed, allowed => Assert.Contains(allowed.Value.Scan,
        Explain(Statements.Single(statement => statement.Name == allowed.Key).Sql)));

    [Fact]
    public void No_statement_reads_or_writes_every_column_by_a_star() =>
        Assert.DoesNotContain(Statements, statement => statement.Sql.Replace("count(*)", "", StringComparison.Ordinal).Contains('*', StringComparison.Ordinal));

    /// <summary>Where a row goes while its neighbours have payloads, copies of these stay in the file (docs/adr/0010).</summary>
    [Fact]
    public void Rows_with_payloads_go_by_one_road_alone()
    {
        Assert.Equal(["MessageRemoval.DeleteFirstEditsSql", "MessageRemoval.DeleteFirstRowsSql"], Statements
            .Where(statement => statement.Sql.Contains("DELETE FROM messages", StringComparison.Ordinal) || statement.Sql.Contains("DELETE FROM edits", StringComparison.Ordinal))
            .Select(statement => statement.Name).Order());
        Assert.Empty(_connection.Lines("SELECT m.name FROM sqlite_master m JOIN pragma_foreign_key_list(m.name) f WHERE m.name IN ('messages', 'edits') AND f.on_delete <> 'NO ACTION'"));
    }

    [Fact]
    public void Anonymous_objects_hold_nothing_that_Dapper_would_write_down_wrong()
    {
        var used = AnonymousTypesInUse().ToList();

        Assert.True(used.Count > 15, "The anonymous objects were not found.");
        Assert.All(used, type => Assert.Empty(type.GetProperties().Where(property => !_parameters.Contains(property.PropertyType))
            .Select(property => $"{property.PropertyType.Name} {property.Name}")));
    }

    /// <summary>Every closed form of an anonymous type that the assembly names: its table of type specifications (ECMA-335 II.22.39).</summary>
    private static IEnumerable<Type> AnonymousTypesInUse()
    {
        const int typeSpec = 0x1B000000;
        var module = typeof(AccountStore).Module;
        for (var row = 1; ; row++)
        {
            Type type;
            try
            {
                type = module.ResolveType(typeSpec | row);
            }
            catch (ArgumentOutOfRangeException)
            {
                yield break;
            }
            catch (ArgumentException)
            {
                // It names the type parameters of whatever it stands in, as no anonymous object of a store does.
                continue;
            }
            if (type.Name.StartsWith("<>f__AnonymousType", StringComparison.Ordinal) && !type.ContainsGenericParameters)
            {
                yield return type;
            }
        }
    }

    private List<string> Explain(string sql)
    {
        // By hand, and not as a command, which insists on values for all parameters. NULL does: the plan is made before they are known.
        SqliteException.ThrowExceptionForRC(raw.sqlite3_prepare_v2(_connection.Handle, $"EXPLAIN QUERY PLAN {sql}", out var statement), _connection.Handle);
        using (statement)
        {
            var steps = new List<string>();
            while (raw.sqlite3_step(statement) == raw.SQLITE_ROW)
            {
                steps.Add(raw.sqlite3_column_text(statement, 3).utf8_to_string());
            }
            return steps;
        }
    }
}
