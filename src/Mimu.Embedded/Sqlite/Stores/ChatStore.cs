using Dapper;
using Microsoft.Data.Sqlite;
using Mimu.Core;
using Mimu.Core.Chats;
using Mimu.Core.Messages;

namespace Mimu.Embedded.Sqlite.Stores;

/// <inheritdoc cref="IChatStore"/>
internal sealed class ChatStore(SqliteConnection connection, EventStore events, MessageStore messages) : IChatStore, IDisposable
{
    private const string AddSql = """
        INSERT INTO chats (chat_id, type, created_by, created_at, updated_at, membership_version, message_ttl, direct_low, direct_high, encrypted_metadata)
        VALUES (@chatId, @type, @createdBy, @createdAt, @updatedAt, @membershipVersion, @messageTtl, @directLow, @directHigh, @encryptedMetadata)
        """;

    private const string AddParticipantSql = """
        INSERT INTO participants (chat_id, user_id, role, joined_at, joined_position)
        VALUES (@chatId, @userId, @role, @joinedAt, @position)
        """;

    private const string AddSpanSql = "INSERT INTO stream_spans (user_id, audience, from_position) VALUES (@userId, @chatId, @position)";

    private const string FindDirectSql = "SELECT chat_id FROM chats WHERE direct_low = @low AND direct_high = @high";

    private const string FindMembershipSql = """
        SELECT c.membership_version, c.message_ttl, p.joined_position,
               c.type = 1 AND (NOT EXISTS (SELECT 1 FROM participants o WHERE o.chat_id = c.chat_id AND o.user_id = iif(c.direct_low = ?2, c.direct_high, c.direct_low))
                               OR EXISTS (SELECT 1 FROM blocks b WHERE b.user_id = iif(c.direct_low = ?2, c.direct_high, c.direct_low) AND b.blocked_id = ?2))
        FROM participants p JOIN chats c ON c.chat_id = p.chat_id
        WHERE p.chat_id = ?1 AND p.user_id = ?2
        """;

    private const string ListChatsSql = "SELECT chat_id FROM participants WHERE user_id = @userId";

    private const string ListContactsSql = """
        SELECT DISTINCT o.user_id FROM participants p JOIN participants o ON o.chat_id = p.chat_id
        WHERE p.user_id = @userId AND o.user_id <> @userId
        """;

    private const string RemoveParticipantSql = "DELETE FROM participants WHERE chat_id = @chatId AND user_id = @userId RETURNING role";

    /// <summary>What was sent until now stays in their stream.</summary>
    private const string EndSpanSql =
        "UPDATE stream_spans SET until_position = @position WHERE user_id = @userId AND audience = @chatId AND until_position = 9223372036854775807";

    private const string NextVersionSql =
        "UPDATE chats SET membership_version = membership_version + 1, updated_at = @now WHERE chat_id = @chatId RETURNING membership_version";

    private const string AppointAdminSql = """
        UPDATE participants SET role = 2
        WHERE chat_id = @chatId
          AND user_id = (SELECT user_id FROM participants WHERE chat_id = @chatId ORDER BY joined_position, user_id LIMIT 1)
          AND NOT EXISTS (SELECT 1 FROM participants WHERE chat_id = @chatId AND role = 2)
          AND EXISTS (SELECT 1 FROM chats WHERE chat_id = @chatId AND type = 2)
        RETURNING user_id
        """;

    private const string RemoveSql = "DELETE FROM chats WHERE chat_id = @chatId";

    private const string ListParticipantsSql = "SELECT user_id FROM participants WHERE chat_id = ?1";

    private const string TouchSql = "UPDATE chats SET updated_at = ?2 WHERE chat_id = ?1";

    private const string ViewSql = """
        SELECT c.chat_id, c.type, c.created_by, c.created_at, c.updated_at, c.membership_version, c.message_ttl, c.encrypted_metadata,
               p.joined_position, p.read_position, p.read_message_id
        FROM participants p JOIN chats c ON c.chat_id = p.chat_id
        WHERE p.chat_id = @chatId AND p.user_id = @userId
        """;

    private const string ParticipantsSql = """
        SELECT p.user_id, a.public_id, a.display_name, p.role, p.joined_at
        FROM participants p JOIN accounts a ON a.user_id = p.user_id
        WHERE p.chat_id = @chatId
        ORDER BY p.joined_position, p.user_id <> (SELECT created_by FROM chats WHERE chat_id = @chatId), p.user_id
        """;

    private const string CountUnreadSql = """
        SELECT count(*) FROM messages
        WHERE chat_id = @chatId AND position > @after AND sender_id <> @userId AND deleted_at IS NULL AND (expires_at IS NULL OR expires_at > @now)
        """;

    // The path of a message.
    private readonly Statement _findMembership = new(connection, FindMembershipSql);
    private readonly Statement _listParticipants = new(connection, ListParticipantsSql);
    private readonly Statement _touch = new(connection, TouchSql);

    public ValueTask AddAsync(Chat chat)
    {
        var (chatId, position) = (chat.Id.Blob(), events.End());
        var direct = chat.Type is ChatType.Direct ? Ordered(chat.Participants[0].UserId, chat.Participants[1].UserId) : (null, null);
        connection.Execute(AddSql, new
        {
            chatId,
            type = (long)chat.Type,
            createdBy = chat.CreatedBy.Blob(),
            createdAt = Columns.Milliseconds(chat.CreatedAt),
            updatedAt = Columns.Milliseconds(chat.UpdatedAt),
            membershipVersion = chat.MembershipVersion,
            messageTtl = chat.MessageTtl,
            directLow = new Blob(direct.Low),
            directHigh = new Blob(direct.High),
            encryptedMetadata = new Blob(chat.EncryptedMetadata),
        });
        foreach (var participant in chat.Participants)
        {
            var userId = participant.UserId.Blob();
            connection.Execute(AddParticipantSql, new
            {
                chatId,
                userId,
                role = (long)participant.Role,
                joinedAt = Columns.Milliseconds(participant.JoinedAt),
                position = position.Position,
            });
            connection.Execute(AddSpanSql, new { userId, chatId, position = position.Position });
        }
        return ValueTask.CompletedTask;
    }

    public ValueTask<ChatId?> FindDirectAsync(UserId one, UserId other)
    {
        var (low, high) = Ordered(one, other);
        return new(connection.QueryFirstOrDefault<byte[]>(FindDirectSql, new { low = new Blob(low), high = new Blob(high) }) is { } id
            ? new ChatId(Columns.Id(id))
            : null);
    }

    public ValueTask<Membership?> FindMembershipAsync(ChatId chat, UserId user)
    {
        using var rows = _findMembership.Add(chat.Value).Add(user.Value).Query();
        return new(rows.Read() ? new Membership(rows.Long(0), (int?)rows.LongOrNull(1), rows.Long(2), rows.Long(3) == 1) : null);
    }

    public ValueTask<IReadOnlyList<UserId>> ListParticipantsAsync(ChatId chat)
    {
        var users = new List<UserId>();
        using var rows = _listParticipants.Add(chat.Value).Query();
        while (rows.Read())
        {
            users.Add(new UserId(rows.Id(0)));
        }
        return new(users);
    }

    public async ValueTask<ChatView?> ViewAsync(ChatId chat, UserId user, DateTimeOffset now)
    {
        var (chatId, userId) = (chat.Blob(), user.Blob());
        if (connection.QueryFirstOrDefault<ChatRow>(ViewSql, new { chatId, userId }) is not { } row)
        {
            return null;
        }
        var participants = connection.Query<ParticipantRow>(ParticipantsSql, new { chatId }).Select(participant => participant.ToParticipant()).ToList();
        var after = Math.Max(row.JoinedPosition, row.ReadPosition);
        var unread = connection.QueryFirst<long>(CountUnreadSql, new { chatId, userId, after, now = Columns.Milliseconds(now) });
        var newest = await messages.ListAsync(chat, new MessageRange(row.JoinedPosition, long.MaxValue, OldestFirst: false, Limit: 1), now);
        return new ChatView(row.ToChat(participants), newest.Messages is [var last] ? last : null, unread,
            Columns.IdOrNull(row.ReadMessageId) is { } read ? new MessageId(read) : null);
    }

    public ValueTask<IReadOnlyList<ChatId>> ListChatsAsync(UserId user) =>
        new(connection.Query<byte[]>(ListChatsSql, new { userId = user.Blob() }).Select(id => new ChatId(Columns.Id(id))).ToList());

    public ValueTask<IReadOnlyList<UserId>> ListContactsAsync(UserId user) =>
        new(connection.Query<byte[]>(ListContactsSql, new { userId = user.Blob() }).Select(id => new UserId(Columns.Id(id))).ToList());

    public ValueTask<RemovedParticipant?> RemoveParticipantAsync(ChatId chat, UserId user, DateTimeOffset now)
    {
        var (chatId, userId) = (chat.Blob(), user.Blob());
        var role = connection.QueryFirstOrDefault<long>(RemoveParticipantSql, new { chatId, userId });
        if (role == 0)
        {
            return new((RemovedParticipant?)null);
        }
        connection.Execute(EndSpanSql, new { userId, chatId, position = events.End().Position });
        return new(new RemovedParticipant((ParticipantRole)role, connection.QueryFirst<long>(NextVersionSql, new { chatId, now = Columns.Milliseconds(now) })));
    }

    public ValueTask<UserId?> AppointAdminAsync(ChatId chat) =>
        new(connection.QueryFirstOrDefault<byte[]>(AppointAdminSql, new { chatId = chat.Blob() }) is { } user ? new UserId(Columns.Id(user)) : null);

    public ValueTask RemoveAsync(ChatId chat)
    {
        connection.Execute(RemoveSql, new { chatId = chat.Blob() });
        return ValueTask.CompletedTask;
    }

    public ValueTask TouchAsync(ChatId chat, DateTimeOffset now)
    {
        _touch.Add(chat.Value).Add(Columns.Milliseconds(now)).Execute();
        return ValueTask.CompletedTask;
    }

    public void Dispose()
    {
        _findMembership.Dispose();
        _listParticipants.Dispose();
        _touch.Dispose();
    }

    /// <summary>Two people in the one order in which the database knows them.</summary>
    private static (byte[]? Low, byte[]? High) Ordered(UserId one, UserId other)
    {
        var (first, second) = (Columns.Bytes(one.Value), Columns.Bytes(other.Value));
        return first.AsSpan().SequenceCompareTo(second) < 0 ? (first, second) : (second, first);
    }

    internal sealed record ChatRow(
        byte[] ChatId, long Type, byte[] CreatedBy, long CreatedAt, long UpdatedAt, long MembershipVersion, long? MessageTtl, byte[]? EncryptedMetadata,
        long JoinedPosition, long ReadPosition, byte[]? ReadMessageId)
    {
        public Chat ToChat(IReadOnlyList<Participant> participants) => new(new ChatId(Columns.Id(ChatId)), (ChatType)Type, new UserId(Columns.Id(CreatedBy)),
            Columns.Time(CreatedAt), Columns.Time(UpdatedAt), MembershipVersion, EncryptedMetadata, (int?)MessageTtl, participants);
    }

    internal sealed record ParticipantRow(byte[] UserId, string PublicId, string DisplayName, long Role, long JoinedAt)
    {
        public Participant ToParticipant() =>
            new(new UserId(Columns.Id(UserId)), PublicId, DisplayName, (ParticipantRole)Role, Columns.Time(JoinedAt));
    }
}
