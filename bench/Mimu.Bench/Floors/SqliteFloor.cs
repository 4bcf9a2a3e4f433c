using System.Buffers.Binary;
using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using Microsoft.Data.Sqlite;
using Mimu.Bench.Measure;

namespace Mimu.Bench.Floors;

/// <summary>
/// (b) The least that durable storage of the same row costs: one connection that appends messages to the server's own schema with its indexes, in groups, one
/// synced commit a group, with nothing asked or checked. Prepared statements through the same provider as the server's. This runs in a child process of its own.
/// </summary>
internal static class SqliteFloor
{
    /// <summary>What the server's database is after all migrations: kept by a test of the server's.</summary>
    private const string Schema = "schema.sql";

    private static readonly string[] OfMessages = ["CREATE TABLE messages", "CREATE TABLE \"messages\"", "CREATE INDEX messages_", "CREATE UNIQUE INDEX messages_"];

    private const string Insert = """
        INSERT INTO messages (message_id, position, chat_id, sender_id, sender_device_id, type, created_at, payload)
        VALUES ($message_id, $position, $chat_id, $sender_id, 1, 'text', $created_at, $payload)
        """;

    /// <summary>Runs for the given time and prints one line: rows, commits, seconds, CPU microseconds, percent of all cores that others had.</summary>
    /// <param name="file">The database to make.</param>
    /// <param name="chats">How many chats take turns, each with a sender of its own.</param>
    /// <param name="group">Rows a commit.</param>
    /// <param name="payloadBytes">Of each row.</param>
    /// <param name="warmUp">What does not count.</param>
    /// <param name="measured">What does.</param>
    public static void Run(string file, int chats, int group, int payloadBytes, TimeSpan warmUp, TimeSpan measured)
    {
        SQLitePCL.Batteries_V2.Init();
        using var connection = new SqliteConnection($"Data Source={file};Foreign Keys=False");
        connection.Open();
        Execute(connection, "PRAGMA journal_mode=WAL");
        Execute(connection, "PRAGMA synchronous=FULL");
        Execute(connection, ReadSchema());

        using SqliteCommand insert = connection.CreateCommand();
        insert.CommandText = Insert;
        SqliteParameter messageId = insert.Parameters.Add("$message_id", SqliteType.Blob);
        SqliteParameter position = insert.Parameters.Add("$position", SqliteType.Integer);
        SqliteParameter chatId = insert.Parameters.Add("$chat_id", SqliteType.Blob);
        SqliteParameter senderId = insert.Parameters.Add("$sender_id", SqliteType.Blob);
        SqliteParameter createdAt = insert.Parameters.Add("$created_at", SqliteType.Integer);
        insert.Parameters.AddWithValue("$payload", RandomNumberGenerator.GetBytes(payloadBytes));
        byte[][] chatIds = [.. Enumerable.Range(0, chats).Select(_ => RandomNumberGenerator.GetBytes(16))];
        byte[][] senderIds = [.. Enumerable.Range(0, chats).Select(_ => RandomNumberGenerator.GetBytes(16))];
        byte[] id = new byte[16];
        messageId.Value = id;
        long rows = 0;
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
                    InsertNext();
                commit.ExecuteNonQuery();
                done++;
            }

            return done;
        }

        void InsertNext()
        {
            // In the order of time, as UUIDv7 are.
            BinaryPrimitives.WriteInt64BigEndian(id, ++rows);
            position.Value = createdAt.Value = rows;
            chatId.Value = chatIds[rows % chats];
            senderId.Value = senderIds[rows % chats];
            insert.ExecuteNonQuery();
        }
    }

    private static string ReadSchema()
    {
        using Stream resource = typeof(SqliteFloor).Assembly.GetManifestResourceStream(Schema)!;
        using var reader = new StreamReader(resource);
        // The rest of the schema has no part in it.
        return string.Join('\n', reader.ReadToEnd().Split("\n\n").Where(statement => OfMessages.Any(start => statement.TrimStart().StartsWith(start, StringComparison.Ordinal))));
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
        using SqliteCommand command = connection.CreateCommand();
#pragma warning disable CA2100 // all callers pass constants
        command.CommandText = sql;
#pragma warning restore CA2100
        command.ExecuteNonQuery();
    }
}
