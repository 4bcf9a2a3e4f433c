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
        m.created_at, m.edited_at, m.expires_at, m.client_message_id
        """;

    private const string AddSql = """
        INSERT INTO messages (message_id, position, chat_id, sender_id, sender_device_id, type, payload, reply_to, forwarded_from,
                              created_at, edited_at, expires_at, client_message_id)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)
        """;

    private const string FindSentSql = $"SELECT {MessageColumns} FROM messages m WHERE m.sender_id = ?1 AND m.client_message_id = ?2";

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
        foreach (var statement in (Statement[])[_add, _findSent, _findPosition, _listNewest, _listOldest])
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
        rows.IdOrNull(at + 12));
}
