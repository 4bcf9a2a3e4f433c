using System.Security.Cryptography;
using Microsoft.Data.Sqlite;

namespace Mimu.Bench.Server;

/// <summary>How much there is to be in a database.</summary>
/// <param name="Messages">Messages in all.</param>
/// <param name="Chats">Chats in all, those that the server made among them.</param>
/// <param name="GroupSize">Members of a group, all of them the filling's.</param>
/// <param name="DirectsOf">In how many direct chats of the filling a user is: an even number.</param>
internal sealed record HistorySize(int Messages, int Chats, int GroupSize, int DirectsOf)
{
    /// <summary>A fifth of all messages is in so many chats.</summary>
    public const int BusyChats = 10;
}

/// <summary>
/// Years of use, written into the database of a server that is stopped. The rows are what the server would have written
/// (src/Mimu.Embedded/Sqlite/Migrations): a message has the next place in the stream, and whoever is in a chat sees its stretch.
/// </summary>
internal sealed class History : IDisposable
{
    private const int Rows = 1 << 20; // payloads are cut from so many random bytes
    private static readonly TimeSpan Span = TimeSpan.FromDays(90);
    private readonly SqliteConnection _connection;
    private readonly HistorySize _size;
    private readonly List<(byte[] Id, byte[][] Members)> _chats = [];
    private readonly DateTimeOffset _now = TimeProvider.System.GetUtcNow();

    private History(string file, HistorySize size)
    {
        _size = size;
        _connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = file, Pooling = false }.ToString());
        _connection.Open();
        // A power failure may have it: then the bench is lost anyway. Not the journal mode: going back from WAL would cost a copy.
        foreach (string pragma in (string[])["PRAGMA synchronous=OFF", "PRAGMA foreign_keys=OFF", "PRAGMA cache_size=-300000", "PRAGMA journal_mode=OFF"])
            Execute(pragma);
    }

    /// <summary>The stream's epoch.</summary>
    public uint Epoch { get; private init; }

    /// <summary>The place in the stream after which the history begins.</summary>
    public long Begin { get; private init; }

    /// <summary>Its last place.</summary>
    public long End => Begin + _size.Messages;

    /// <summary>The chats, each with its first member.</summary>
    public IReadOnlyList<(byte[] Id, byte[][] Members)> Chats => _chats;

    /// <summary>Fills the database of a server that has been stopped.</summary>
    public static History Fill(string file, HistorySize size, int payloadBytes)
    {
        SQLitePCL.Batteries_V2.Init();
        (uint epoch, long position) = StreamOf(file);
        var history = new History(file, size) { Epoch = epoch, Begin = position };
        history.Execute("BEGIN");
        history.TakeChats();
        history.AddChats();
        history.AddMessages(payloadBytes);
        history.Execute($"UPDATE stream SET position = {history.End}");
        // Every other place is read to its end, the others have never been read.
        history.Execute("""
            UPDATE participants SET read_position = m.position, read_message_id = m.message_id
            FROM (SELECT max(position) AS position, message_id, chat_id FROM messages GROUP BY chat_id) AS m
            WHERE m.chat_id = participants.chat_id AND (unicode(hex(substr(participants.user_id, 16))) + unicode(hex(substr(participants.chat_id, 16)))) % 2 = 0
            """);
        history.Execute("COMMIT");
        history.Execute("PRAGMA journal_mode=WAL");
        history.Dispose();
        return history;
    }

    public void Dispose() => _connection.Dispose();

    private static (uint Epoch, long Position) StreamOf(string file)
    {
        using var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = file, Pooling = false }.ToString());
        connection.Open();
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = "SELECT epoch, position FROM stream";
        using SqliteDataReader row = command.ExecuteReader();
        row.Read();
        return ((uint)row.GetInt64(0), row.GetInt64(1));
    }

    /// <summary>The chats that the server made.</summary>
    private void TakeChats()
    {
        using SqliteCommand command = Prepared("SELECT chat_id, user_id FROM participants ORDER BY chat_id");
        using SqliteDataReader rows = command.ExecuteReader();
        var members = new List<(byte[] Chat, byte[] User)>();
        while (rows.Read())
            members.Add(((byte[])rows[0], (byte[])rows[1]));
        foreach (IGrouping<string, (byte[] Chat, byte[] User)> chat in members.GroupBy(member => Convert.ToHexString(member.Chat)))
            _chats.Add((chat.First().Chat, [.. chat.Select(member => member.User)]));
    }

    private void AddChats()
    {
        byte[][] users = Users();
        int directs = Math.Min(_size.DirectsOf / 2 * users.Length, _size.Chats - _chats.Count);
        using SqliteCommand chat = Prepared(
            "INSERT INTO chats (chat_id, type, created_by, created_at, updated_at, membership_version, direct_low, direct_high, activity) VALUES ($id, $type, $by, $at, $at, 1, $low, $high, $position)",
            "$id", "$type", "$by", "$at", "$low", "$high", "$position");
        using SqliteCommand participant = Prepared(
            "INSERT INTO participants (chat_id, user_id, role, joined_at, joined_position) VALUES ($id, $user, $role, $at, $position)", "$id", "$user", "$role", "$at", "$position");
        using SqliteCommand span = Prepared("INSERT INTO stream_spans (user_id, audience, from_position) VALUES ($user, $id, $position)", "$id", "$user", "$position");
        long created = (_now - Span).ToUnixTimeMilliseconds();
        for (int number = 0; _chats.Count < _size.Chats; number++)
        {
            byte[] id = NewId(created);
            bool isDirect = number < directs;
            // Of the pairs that the server made, the two are half of all users apart.
            byte[][] members = isDirect
                ? [users[number % users.Length], users[(number + 1 + (number / users.Length)) % users.Length]]
                : [.. Enumerable.Range(0, _size.GroupSize).Select(i => users[(number + (i * 31)) % users.Length])];
            (byte[] low, byte[] high) = members[0].AsSpan().SequenceCompareTo(members[1]) < 0 ? (members[0], members[1]) : (members[1], members[0]);
            Run(chat, id, isDirect ? 1 : 2, members[0], created, isDirect ? low : DBNull.Value, isDirect ? high : DBNull.Value, Begin);
            foreach (byte[] member in members)
            {
                Run(participant, id, member, !isDirect && member == members[0] ? 2 : 1, created, Begin);
                Run(span, id, member, Begin);
            }

            _chats.Add((id, members));
        }
    }

    private void AddMessages(int payloadBytes)
    {
        using SqliteCommand insert = Prepared("""
            INSERT INTO messages (position, message_id, chat_id, sender_id, sender_device_id, type, created_at, payload)
            VALUES ($position, $id, $chat, $sender, 1, 'text', $at, $payload)
            """, "$position", "$id", "$chat", "$sender", "$at", "$payload");
        byte[] noise = RandomNumberGenerator.GetBytes(Rows + payloadBytes);
        var random = new Dice(1);
        var payload = new byte[payloadBytes];
        long begun = (_now - Span).ToUnixTimeMilliseconds();
        for (int i = 0; i < _size.Messages; i++)
        {
            // One for each chat, then a fifth of them in the busy chats: the last of the server's own and the first groups.
            int number = i < _chats.Count ? i
                : random.Next(5) == 0 ? (_chats.Count - 1) - random.Next(HistorySize.BusyChats)
                : random.Next(_chats.Count);
            (byte[] chat, byte[][] members) = _chats[number];
            long at = begun + (long)(Span.TotalMilliseconds * i / _size.Messages);
            noise.AsSpan(random.Next(Rows), payloadBytes).CopyTo(payload);
            Run(insert, Begin + i + 1, NewId(at), chat, members[random.Next(members.Length)], at, payload);
        }
    }

    private byte[][] Users()
    {
        using SqliteCommand command = Prepared("SELECT user_id FROM accounts ORDER BY length(public_id), public_id");
        using SqliteDataReader rows = command.ExecuteReader();
        var users = new List<byte[]>();
        while (rows.Read())
            users.Add((byte[])rows[0]);
        return [.. users];
    }

    private static byte[] NewId(long milliseconds) => Guid.CreateVersion7(DateTimeOffset.FromUnixTimeMilliseconds(milliseconds)).ToByteArray(bigEndian: true);

    private SqliteCommand Prepared(string sql, params string[] parameters)
    {
        SqliteCommand command = _connection.CreateCommand();
#pragma warning disable CA2100 // all callers pass constants
        command.CommandText = sql;
#pragma warning restore CA2100
        foreach (string name in parameters)
            command.Parameters.Add(new SqliteParameter { ParameterName = name });
        return command;
    }

    private static void Run(SqliteCommand command, params object[] values)
    {
        for (int i = 0; i < values.Length; i++)
            command.Parameters[i].Value = values[i];
        command.ExecuteNonQuery();
    }

    private void Execute(string sql)
    {
        using SqliteCommand command = Prepared(sql);
        command.ExecuteNonQuery();
    }
}
