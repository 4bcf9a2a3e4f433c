using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using Microsoft.Data.Sqlite;
using Mimu.Bench.Measure;

namespace Mimu.Bench.Floors;

/// <summary>
/// (b) The least that durable storage costs: one connection that appends rows in groups, one synced commit a group, with nothing to
/// check and no second index. Prepared statements through the same provider as the server's. This runs in a child process of its own.
/// </summary>
internal static class SqliteFloor
{
    /// <summary>Runs for the given time and prints one line: rows, commits, seconds, CPU microseconds, percent of all cores that others had.</summary>
    public static void Run(string file, int group, int payloadBytes, TimeSpan warmUp, TimeSpan measured)
    {
        SQLitePCL.Batteries_V2.Init();
        using var connection = new SqliteConnection($"Data Source={file}");
        connection.Open();
        Execute(connection, "PRAGMA journal_mode=WAL");
        Execute(connection, "PRAGMA synchronous=FULL");
        Execute(connection, "CREATE TABLE messages (id INTEGER PRIMARY KEY, chat_id BLOB NOT NULL, payload BLOB NOT NULL)");

        using SqliteCommand insert = connection.CreateCommand();
        insert.CommandText = "INSERT INTO messages (chat_id, payload) VALUES ($chat_id, $payload)";
        insert.Parameters.AddWithValue("$chat_id", RandomNumberGenerator.GetBytes(16));
        insert.Parameters.AddWithValue("$payload", RandomNumberGenerator.GetBytes(payloadBytes));
        insert.Prepare();
        using SqliteCommand begin = Prepared(connection, "BEGIN IMMEDIATE");
        using SqliteCommand commit = Prepared(connection, "COMMIT");

        CommitFor(warmUp);
        double machine = MachineMeter.BusyNanoseconds();
        long cpu = ProcessMeter.Self.CpuNanoseconds();
        long start = Stopwatch.GetTimestamp();
        long commits = CommitFor(measured);
        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        double micros = (ProcessMeter.Self.CpuNanoseconds() - cpu) / 1e3;
        double others = MachineMeter.OthersPercent(machine, micros, seconds);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{commits * group} {commits} {seconds:R} {micros:R} {others:R}"));

        long CommitFor(TimeSpan time)
        {
            long from = Stopwatch.GetTimestamp();
            long done = 0;
            while (Stopwatch.GetElapsedTime(from) < time)
            {
                begin.ExecuteNonQuery();
                for (int i = 0; i < group; i++)
                    insert.ExecuteNonQuery();
                commit.ExecuteNonQuery();
                done++;
            }

            return done;
        }
    }

    private static SqliteCommand Prepared(SqliteConnection connection, string sql)
    {
        SqliteCommand command = connection.CreateCommand();
#pragma warning disable CA2100 // all callers pass constants
        command.CommandText = sql;
#pragma warning restore CA2100
        command.Prepare();
        return command;
    }

    private static void Execute(SqliteConnection connection, string sql)
    {
        using SqliteCommand command = Prepared(connection, sql);
        command.ExecuteNonQuery();
    }
}
