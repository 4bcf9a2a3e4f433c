using Microsoft.Data.Sqlite;
using Mimu.Core;
using Mimu.Core.Events;
using Mimu.Core.Messages;

namespace Mimu.Embedded.Sqlite.Stores;

/// <inheritdoc cref="IMessageStore"/>
internal sealed class MessageStore(SqliteConnection connection, EventStore events) : IMessageStore, IDisposable
{
    /// <summary>In the order in which <see cref="Read"/> takes them; of <see cref="AndEdits"/>.</summary>
    internal const string MessageColumns = """
        m.message_id, m.position, m.chat_id, m.sender_id, m.sender_device_id, m.type, iif(m.is_edited, edit.payload, m.payload), m.reply_to, m.forwarded_from,
        m.created_at, edit.edited_at, m.expires_at, m.client_message_id, m.is_deleted
        """;

    /// <summary>Looks for nothing where a message was never edited.</summary>
    internal const string AndEdits = "LEFT JOIN edits edit ON edit.message_position = iif(m.is_edited, m.position, NULL)";

    private const string AddSql = """
        INSERT INTO messages (message_id, position, chat_id, sender_id, sender_device_id, type, payload, reply_to, forwarded_from,
                              created_at, expires_at, client_message_id)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)
        """;

    private const string FindSentSql = $"SELECT {MessageColumns} FROM messages m {AndEdits} WHERE m.sender_id = ?1 AND m.client_message_id = ?2";

    private const string FindSql = $"SELECT {MessageColumns} FROM messages m {AndEdits} WHERE m.message_id = ?1";

    // A row may shrink and never grow: what it grew by would push its neighbours to other pages, which keep a copy of them (docs/adr/0010).

    /// <summary>What a message says next stands behind all else, so that its row need not grow.</summary>
    private const string AddEditSql = "INSERT INTO edits (position, message_position, edited_at, payload) VALUES (?1, ?2, ?3, ?4)";

    private const string EraseOriginalSql = "UPDATE messages SET payload = x'', is_edited = 1 WHERE position = ?1";

    private const string EraseSql = "UPDATE messages SET payload = x'', is_deleted = 1 WHERE message_id = ?1";

    private const string EraseEditSql = "UPDATE edits SET payload = x'' WHERE message_position = (SELECT position FROM messages WHERE message_id = ?1)";

    private const string Expired = "SELECT position FROM messages WHERE expires_at <= ?1 AND expires_at IS NOT NULL AND is_deleted = 0 ORDER BY expires_at, position LIMIT ?2";

    private const string EraseExpiredSql = $"UPDATE messages SET payload = x'', is_deleted = 1 WHERE position IN ({Expired})";

    private const string EraseExpiredEditsSql = $"UPDATE edits SET payload = x'' WHERE message_position IN ({Expired})";

    private const string FindPositionSql = "SELECT position FROM messages WHERE message_id = ?1 AND chat_id = ?2";

    private const string ListNewestSql = $"""
        SELECT {MessageColumns} FROM messages m {AndEdits}
        WHERE m.chat_id = ?1 AND m.position > ?2 AND m.position < ?3 AND m.is_deleted = 0 AND (m.expires_at IS NULL OR m.expires_at > ?4)
        ORDER BY m.position DESC LIMIT ?5
        """;

    private const string ListOldestSql = $"""
        SELECT {MessageColumns} FROM messages m {AndEdits}
        WHERE m.chat_id = ?1 AND m.position > ?2 AND m.position < ?3 AND m.is_deleted = 0 AND (m.expires_at IS NULL OR m.expires_at > ?4)
        ORDER BY m.position LIMIT ?5
        """;

    private readonly Statement _add = new(connection, AddSql);
    private readonly Statement _findSent = new(connection, FindSentSql);
    private readonly Statement _find = new(connection, FindSql);
    private readonly Statement _addEdit = new(connection, AddEditSql);
    private readonly Statement _eraseFormerEdit = new(connection, MessageRemoval.EmptyEditSql);
    private readonly Statement _eraseOriginal = new(connection, EraseOriginalSql);
    private readonly Statement _erase = new(connection, EraseSql);
    private readonly Statement _eraseEdit = new(connection, EraseEditSql);
    private readonly Statement _eraseExpired = new(connection, EraseExpiredSql);
    private readonly Statement _eraseExpiredEdits = new(connection, EraseExpiredEditsSql);
    private readonly Statement _findPosition = new(connection, FindPositionSql);
    private readonly Statement _listNewest = new(connection, ListNewestSql);
    private readonly Statement _listOldest = new(connection, ListOldestSql);
    private readonly MessageRemoval _removal = new(connection);

    public ValueTask<Cursor> AddAsync(Message message)
    {
        var cursor = events.Next();
        _add.Add(message.Id.Value).Add(cursor.Position).Add(message.ChatId.Value).Add(message.SenderId.Value).Add(message.SenderDeviceId)
            .Add(message.Type).Add(message.Payload).Add(message.ReplyTo?.Value).Add(message.ForwardedFrom?.Value)
            .Add(Columns.Milliseconds(message.CreatedAt)).Add(Columns.Milliseconds(message.ExpiresAt)).Add(message.ClientMessageId).Execute();
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
        _eraseFormerEdit.Add(edited.Position).Execute();
        _eraseOriginal.Add(edited.Position).Execute();
        _addEdit.Add(position).Add(edited.Position).Add(Columns.Milliseconds(edited.EditedAt)).Add(edited.Payload).Execute();
        return ValueTask.CompletedTask;
    }

    public ValueTask EraseAsync(MessageId message)
    {
        _eraseEdit.Add(message.Value).Execute();
        _erase.Add(message.Value).Execute();
        return ValueTask.CompletedTask;
    }

    public ValueTask<int> EraseExpiredAsync(DateTimeOffset now, int limit)
    {
        _eraseExpiredEdits.Add(Columns.Milliseconds(now)).Add((long)limit).Execute();
        _eraseExpired.Add(Columns.Milliseconds(now)).Add((long)limit).Execute();
        return new(Statement.Changes(connection));
    }

    public ValueTask<int> RemoveOlderAsync(DateTimeOffset before, int limit) => new(_removal.RemoveOlder(Columns.Milliseconds(before), limit));

    /// <summary>Removes a chat's messages.</summary>
    public void RemoveAll(ChatId chat) => _removal.RemoveAll(chat);

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
        foreach (var statement in (Statement[])[_add, _findSent, _find, _addEdit, _eraseFormerEdit, _eraseOriginal, _erase, _eraseEdit, _eraseExpired,
            _eraseExpiredEdits, _findPosition, _listNewest, _listOldest])
        {
            statement.Dispose();
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
