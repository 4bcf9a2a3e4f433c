using Microsoft.Data.Sqlite;
using Mimu.Core;
using Mimu.Core.Events;
using Mimu.Core.Messages;

namespace Mimu.Embedded.Sqlite.Stores;

/// <inheritdoc cref="IMessageStore"/>
internal sealed class MessageStore(SqliteConnection connection, EventStore events) : IMessageStore, IDisposable
{
    /// <summary>In the order in which <see cref="Read"/> takes them.</summary>
    internal const string MessageColumns = """
        m.message_id, m.position, m.chat_id, m.sender_id, m.sender_device_id, m.type, m.payload, m.reply_to, m.forwarded_from,
        m.created_at, m.edited_at, m.expires_at, m.client_message_id, m.deleted_at IS NOT NULL
        """;

    private const string AddSql = """
        INSERT INTO messages (message_id, position, chat_id, sender_id, sender_device_id, type, payload, reply_to, forwarded_from,
                              created_at, edited_at, expires_at, client_message_id)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)
        """;

    private const string FindSentSql = $"SELECT {MessageColumns} FROM messages m WHERE m.sender_id = ?1 AND m.client_message_id = ?2";

    private const string FindSql = $"SELECT {MessageColumns} FROM messages m WHERE m.message_id = ?1";

    private const string EditSql = "UPDATE messages SET payload = ?2, edited_at = ?3, edited_position = ?4 WHERE message_id = ?1";

    private const string EraseSql = "UPDATE messages SET payload = x'', deleted_at = ?2 WHERE message_id = ?1";

    private const string EraseExpiredSql = """
        UPDATE messages SET payload = x'', deleted_at = ?1
        WHERE position IN (SELECT position FROM messages WHERE expires_at <= ?1 AND expires_at IS NOT NULL AND deleted_at IS NULL LIMIT ?2)
        """;

    /// <summary>Their order in the stream is that of their age, but for what clocks that were set back have written.</summary>
    private const string RemoveOlderSql = """
        DELETE FROM messages WHERE position IN (SELECT position FROM messages ORDER BY position LIMIT ?2) AND created_at < ?1
        """;

    private const string ListOldestOfAllSql = "SELECT chat_id, position, created_at FROM messages ORDER BY position LIMIT ?1";

    /// <summary>When a chat was last active is what its last message says; once that is gone, the chat has to.</summary>
    private const string NoteActivitySql = "UPDATE chats SET updated_at = max(updated_at, ?2), activity = max(activity, ?3) WHERE chat_id = ?1";

    private const string FindPositionSql = "SELECT position FROM messages WHERE message_id = ?1 AND chat_id = ?2";

    private const string ListNewestSql = $"""
        SELECT {MessageColumns} FROM messages m
        WHERE m.chat_id = ?1 AND m.position > ?2 AND m.position < ?3 AND m.deleted_at IS NULL AND (m.expires_at IS NULL OR m.expires_at > ?4)
        ORDER BY m.position DESC LIMIT ?5
        """;

    private const string ListOldestSql = $"""
        SELECT {MessageColumns} FROM messages m
        WHERE m.chat_id = ?1 AND m.position > ?2 AND m.position < ?3 AND m.deleted_at IS NULL AND (m.expires_at IS NULL OR m.expires_at > ?4)
        ORDER BY m.position LIMIT ?5
        """;

    private readonly Statement _add = new(connection, AddSql);
    private readonly Statement _findSent = new(connection, FindSentSql);
    private readonly Statement _find = new(connection, FindSql);
    private readonly Statement _edit = new(connection, EditSql);
    private readonly Statement _erase = new(connection, EraseSql);
    private readonly Statement _eraseExpired = new(connection, EraseExpiredSql);
    private readonly Statement _removeOlder = new(connection, RemoveOlderSql);
    private readonly Statement _findPosition = new(connection, FindPositionSql);
    private readonly Statement _listNewest = new(connection, ListNewestSql);
    private readonly Statement _listOldest = new(connection, ListOldestSql);

    public ValueTask<Cursor> AddAsync(Message message)
    {
        var cursor = events.Next();
        _add.Add(message.Id.Value).Add(cursor.Position).Add(message.ChatId.Value).Add(message.SenderId.Value).Add(message.SenderDeviceId)
            .Add(message.Type).Add(message.Payload).Add(message.ReplyTo?.Value).Add(message.ForwardedFrom?.Value)
            .Add(Columns.Milliseconds(message.CreatedAt)).Add(Columns.Milliseconds(message.EditedAt)).Add(Columns.Milliseconds(message.ExpiresAt))
            .Add(message.ClientMessageId).Execute();
        return new(cursor);
    }

    public ValueTask<Message?> FindSentAsync(UserId sender, Guid clientMessageId)
    {
        using var rows = _findSent.Add(sender.Value).Add(clientMessageId).Query();
        return new(rows.Read() ? Read(rows) : null);
    }

    public ValueTask<long?> FindPositionAsync(ChatId chat, MessageId message)
    {
        using var rows = _findPosition.Add(message.Value).Add(chat.Value).Query();
        return new(rows.Read() ? rows.Long(0) : null);
    }

    public ValueTask<Message?> FindAsync(MessageId message)
    {
        using var rows = _find.Add(message.Value).Query();
        return new(rows.Read() ? Read(rows) : null);
    }

    public ValueTask EditAsync(Message edited, long position)
    {
        _edit.Add(edited.Id.Value).Add(edited.Payload).Add(Columns.Milliseconds(edited.EditedAt)).Add(position).Execute();
        return ValueTask.CompletedTask;
    }

    public ValueTask EraseAsync(MessageId message, DateTimeOffset now)
    {
        _erase.Add(message.Value).Add(Columns.Milliseconds(now)).Execute();
        return ValueTask.CompletedTask;
    }

    public ValueTask<int> EraseExpiredAsync(DateTimeOffset now, int limit)
    {
        _eraseExpired.Add(Columns.Milliseconds(now)).Add((long)limit).Execute();
        return new(Statement.Changes(connection));
    }

    public ValueTask<int> RemoveOlderAsync(DateTimeOffset before, int limit)
    {
        NoteActivity(Columns.Milliseconds(before), limit);
        _removeOlder.Add(Columns.Milliseconds(before)).Add((long)limit).Execute();
        return new(Statement.Changes(connection));
    }

    public ValueTask<MessagePage> ListAsync(ChatId chat, MessageRange range, DateTimeOffset now)
    {
        var messages = new List<Message>();
        // One more than asked for tells whether there are more.
        using var rows = (range.OldestFirst ? _listOldest : _listNewest)
            .Add(chat.Value).Add(range.After).Add(range.Before).Add(Columns.Milliseconds(now)).Add(range.Limit + 1L).Query();
        while (messages.Count < range.Limit && rows.Read())
        {
            messages.Add(Read(rows));
        }
        return new(new MessagePage(messages, HasMore: messages.Count == range.Limit && rows.Read()));
    }

    public void Dispose()
    {
        foreach (var statement in (Statement[])[_add, _findSent, _find, _edit, _erase, _eraseExpired, _removeOlder, _findPosition, _listNewest, _listOldest])
        {
            statement.Dispose();
        }
    }

    /// <summary>Has the chats remember when those messages were sent that are about to be removed.</summary>
    private void NoteActivity(long before, int limit)
    {
        // Once in a while, so that nobody keeps them prepared.
        using var listOldest = new Statement(connection, ListOldestOfAllSql);
        using var note = new Statement(connection, NoteActivitySql);
        var last = new Dictionary<Guid, (long CreatedAt, long Position)>();
        using (var rows = listOldest.Add((long)limit).Query())
        {
            while (rows.Read())
            {
                if (rows.Long(2) < before)
                {
                    last[rows.Id(0)] = (Math.Max(rows.Long(2), last.GetValueOrDefault(rows.Id(0)).CreatedAt), rows.Long(1));
                }
            }
        }
        foreach (var (chat, (createdAt, position)) in last)
        {
            note.Add(chat).Add(createdAt).Add(position).Execute();
        }
    }

    /// <summary>A message from <see cref="MessageColumns"/>, which begin at column <paramref name="at"/>.</summary>
    internal static Message Read(Statement.Rows rows, int at = 0) => new(
        new MessageId(rows.Id(at)),
        rows.Long(at + 1),
        new ChatId(rows.Id(at + 2)),
        new UserId(rows.Id(at + 3)),
        (int)rows.Long(at + 4),
        rows.Text(at + 5),
        rows.Bytes(at + 6),
        rows.IdOrNull(at + 7) is { } replyTo ? new MessageId(replyTo) : null,
        rows.IdOrNull(at + 8) is { } forwardedFrom ? new MessageId(forwardedFrom) : null,
        Columns.Time(rows.Long(at + 9)),
        Columns.TimeOrNull(rows.LongOrNull(at + 10)),
        Columns.TimeOrNull(rows.LongOrNull(at + 11)),
        rows.IdOrNull(at + 12))
    {
        IsDeleted = rows.Long(at + 13) == 1,
    };
}
