using Dapper;
using Microsoft.Data.Sqlite;
using Mimu.Core;
using Mimu.Core.Chats;
using Mimu.Core.Messages;

namespace Mimu.Embedded.Sqlite.Stores;

/// <inheritdoc cref="IChatStore"/>
internal sealed class ChatStore(SqliteConnection connection, EventStore events, MessageStore messages, MembershipCache? members) : IChatStore, IDisposable
{
    private const string AddSql = """
        INSERT INTO chats (chat_id, type, created_by, created_at, updated_at, membership_version, message_ttl, direct_low, direct_high, encrypted_metadata, activity)
        VALUES (@chatId, @type, @createdBy, @createdAt, @updatedAt, @membershipVersion, @messageTtl, @directLow, @directHigh, @encryptedMetadata, @activity)
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
                               OR EXISTS (SELECT 1 FROM blocks b WHERE b.user_id = iif(c.direct_low = ?2, c.direct_high, c.direct_low) AND b.blocked_id = ?2)),
               c.type, p.role
        FROM participants p JOIN chats c ON c.chat_id = p.chat_id
        WHERE p.chat_id = ?1 AND p.user_id = ?2
        """;

    private const string ListChatsSql = "SELECT chat_id FROM participants WHERE user_id = @userId";

    private const string ListContactsSql = """
        SELECT DISTINCT o.user_id FROM participants p JOIN participants o ON o.chat_id = p.chat_id
        WHERE p.user_id = @userId AND o.user_id <> @userId
        """;

    private const string ShareChatSql = """
        SELECT EXISTS (SELECT 1 FROM participants p JOIN participants o ON o.chat_id = p.chat_id WHERE p.user_id = @one AND o.user_id = @other)
        """;

    private const string RemoveParticipantSql = "DELETE FROM participants WHERE chat_id = @chatId AND user_id = @userId RETURNING role";

    /// <summary>What was sent until now stays in their stream.</summary>
    private const string EndSpanSql =
        "UPDATE stream_spans SET until_position = @position WHERE user_id = @userId AND audience = @chatId AND until_position = 9223372036854775807";

    private const string NextVersionSql =
        "UPDATE chats SET membership_version = membership_version + 1 WHERE chat_id = @chatId RETURNING membership_version";

    private const string FindParticipantSql = """
        SELECT p.user_id, a.public_id, a.display_name, p.role, p.joined_at
        FROM participants p JOIN accounts a ON a.user_id = p.user_id
        WHERE p.chat_id = @chatId AND p.user_id = @userId
        """;

    private const string SetRoleSql = "UPDATE participants SET role = @role WHERE chat_id = @chatId AND user_id = @userId";

    private const string ChangeSql = "UPDATE chats SET encrypted_metadata = @encryptedMetadata, message_ttl = @messageTtl WHERE chat_id = @chatId";

    private const string MoveReadMarkerSql = """
        UPDATE participants SET read_position = @position, read_message_id = @messageId
        WHERE chat_id = @chatId AND user_id = @userId AND read_position < @position
        """;

    private const string ListViewersSql = "SELECT user_id FROM participants WHERE chat_id = @chatId AND joined_position < @position";

    /// <summary>
    /// A chat that moved after the list began stands where it stood then, which its messages and events tell, or, of
    /// what is so old that they may have been removed, it itself. One that somebody came into since is not in the
    /// list: their stream tells of it.
    /// </summary>
    private const string PageSql = """
        SELECT chat_id, activity FROM (
            SELECT c.chat_id AS chat_id, max(p.joined_position,
                coalesce((SELECT max(m.position) FROM messages m WHERE m.chat_id = c.chat_id AND m.position <= @snapshot), 0),
                iif(c.activity <= @snapshot, c.activity,
                    coalesce((SELECT max(e.position) FROM events e WHERE e.audience = c.chat_id AND e.position <= @snapshot
                              AND e.type NOT IN ('MessageEdited', 'MessageDeleted', 'MessageRead')), 0))) AS activity
            FROM participants p JOIN chats c ON c.chat_id = p.chat_id
            WHERE p.user_id = @userId AND p.joined_position < @snapshot)
        WHERE activity < @before ORDER BY activity DESC LIMIT @limit
        """;

    private const string AppointAdminSql = """
        UPDATE participants SET role = 2
        WHERE chat_id = @chatId
          AND user_id = (SELECT user_id FROM participants WHERE chat_id = @chatId
                         ORDER BY joined_position, user_id <> (SELECT created_by FROM chats WHERE chat_id = @chatId), user_id LIMIT 1)
          AND NOT EXISTS (SELECT 1 FROM participants WHERE chat_id = @chatId AND role = 2)
          AND EXISTS (SELECT 1 FROM chats WHERE chat_id = @chatId AND type = 2)
        RETURNING user_id
        """;

    private const string RemoveSql = "DELETE FROM chats WHERE chat_id = @chatId";

    private const string ListParticipantsSql = "SELECT user_id FROM participants WHERE chat_id = ?1";

    private const string TouchSql = "UPDATE chats SET updated_at = ?2, activity = ?3 WHERE chat_id = ?1";

    private const string ViewSql = """
        SELECT c.chat_id, c.type, c.created_by, c.created_at,
               max(c.updated_at, coalesce((SELECT m.created_at FROM messages m WHERE m.chat_id = c.chat_id ORDER BY m.position DESC LIMIT 1), 0)) AS updated_at,
               c.membership_version, c.message_ttl, c.encrypted_metadata,
               p.joined_position, p.read_position, p.read_message_id
        FROM participants p JOIN chats c ON c.chat_id = p.chat_id
        WHERE p.chat_id = ?1 AND p.user_id = ?2
        """;

    private const string ParticipantsSql = """
        SELECT p.user_id, a.public_id, a.display_name, p.role, p.joined_at
        FROM participants p JOIN accounts a ON a.user_id = p.user_id
        WHERE p.chat_id = ?1
        ORDER BY p.joined_position, p.user_id <> (SELECT created_by FROM chats WHERE chat_id = ?1), p.user_id
        """;

    private const string CountUnreadSql = """
        SELECT count(*) FROM messages
        WHERE chat_id = ?1 AND position > ?2 AND sender_id <> ?3 AND is_deleted = 0 AND (expires_at IS NULL OR expires_at > ?4)
        """;

    // The path of a message.
    private readonly Statement _findMembership = new(connection, FindMembershipSql);
    private readonly Statement _listParticipants = new(connection, ListParticipantsSql);
    private readonly Statement _touch = new(connection, TouchSql);

    // A list of chats takes these for each of them.
    private readonly Statement _view = new(connection, ViewSql);
    private readonly Statement _participants = new(connection, ParticipantsSql);
    private readonly Statement _countUnread = new(connection, CountUnreadSql);

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
            activity = position.Position,
        });
        foreach (var participant in chat.Participants)
        {
            Join(chatId, participant.UserId.Blob(), participant.Role, participant.JoinedAt, position.Position);
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
        if (members is not null)
        {
            return new(members.Find(chat, user) ?? members.Remember(chat, user, ReadMembership(chat, user)));
        }
        return new(ReadMembership(chat, user));
    }

    private Membership? ReadMembership(ChatId chat, UserId user)
    {
        using var rows = _findMembership.Add(chat.Value).Add(user.Value).Query();
        return rows.Read()
            ? new Membership(rows.Long(0), (int?)rows.LongOrNull(1), rows.Long(2), rows.Long(3) == 1, (ChatType)rows.Long(4), (ParticipantRole)rows.Long(5))
            : null;
    }

    public ValueTask<IReadOnlyList<UserId>> ListParticipantsAsync(ChatId chat)
    {
        if (members is not null)
        {
            return new(members.Find(chat) ?? members.Remember(chat, ReadParticipants(chat)));
        }
        return new(ReadParticipants(chat));
    }

    private List<UserId> ReadParticipants(ChatId chat)
    {
        var users = new List<UserId>();
        using var rows = _listParticipants.Add(chat.Value).Query();
        while (rows.Read())
        {
            users.Add(new UserId(rows.Id(0)));
        }
        return users;
    }

    public async ValueTask<ChatView?> ViewAsync(ChatId chat, UserId user, DateTimeOffset now)
    {
        if (ReadView(chat, user) is not { } row)
        {
            return null;
        }
        var unread = CountUnread(chat, user, Math.Max(row.JoinedPosition, row.ReadPosition), now);
        var newest = await messages.ListAsync(chat, new MessageRange(row.JoinedPosition, long.MaxValue, OldestFirst: false, Limit: 1), now);
        return new ChatView(row.Chat, newest.Messages is [var last] ? last : null, unread, row.Read);
    }

    private ViewRow? ReadView(ChatId chat, UserId user)
    {
        using var rows = _view.Add(chat.Value).Add(user.Value).Query();
        return rows.Read()
            ? new ViewRow(
                new Chat(new ChatId(rows.Id(0)), (ChatType)rows.Long(1), new UserId(rows.Id(2)), Columns.Time(rows.Long(3)), Columns.Time(rows.Long(4)), rows.Long(5),
                    rows.IsNull(7) ? null : rows.Bytes(7), (int?)rows.LongOrNull(6), ReadPlaces(chat)),
                rows.Long(8), rows.Long(9), rows.IdOrNull(10) is { } read ? new MessageId(read) : null)
            : null;
    }

    private List<Participant> ReadPlaces(ChatId chat)
    {
        var participants = new List<Participant>();
        using var rows = _participants.Add(chat.Value).Query();
        while (rows.Read())
        {
            participants.Add(new Participant(new UserId(rows.Id(0)), rows.Text(1), rows.Text(2), (ParticipantRole)rows.Long(3), Columns.Time(rows.Long(4))));
        }
        return participants;
    }

    private long CountUnread(ChatId chat, UserId user, long after, DateTimeOffset now)
    {
        using var rows = _countUnread.Add(chat.Value).Add(after).Add(user.Value).Add(Columns.Milliseconds(now)).Query();
        return rows.Read() ? rows.Long(0) : 0;
    }

    public ValueTask<IReadOnlyList<ChatId>> ListChatsAsync(UserId user) =>
        new(connection.Query<byte[]>(ListChatsSql, new { userId = user.Blob() }).Select(id => new ChatId(Columns.Id(id))).ToList());

    public ValueTask<bool> ShareChatAsync(UserId one, UserId other) =>
        new(connection.QueryFirst<long>(ShareChatSql, new { one = one.Blob(), other = other.Blob() }) == 1);

    public ValueTask<IReadOnlyList<UserId>> ListContactsAsync(UserId user) =>
        new(connection.Query<byte[]>(ListContactsSql, new { userId = user.Blob() }).Select(id => new UserId(Columns.Id(id))).ToList());

    public async ValueTask<ChatPage?> PageAsync(UserId user, ChatListCursor? before, int limit, DateTimeOffset now)
    {
        var end = events.End();
        if (before is { } cursor && (cursor.Epoch != end.Epoch || cursor.Snapshot > end.Position))
        {
            return null;
        }
        var snapshot = before?.Snapshot ?? end.Position;
        // One more than asked for tells whether there are more.
        PlaceRow[] rows = [.. connection.Query<PlaceRow>(PageSql, new { userId = user.Blob(), snapshot, before = before?.Activity ?? long.MaxValue, limit = limit + 1L })];
        var views = new List<ChatView>(limit);
        foreach (var row in rows.Take(limit))
        {
            views.Add((await ViewAsync(new ChatId(Columns.Id(row.ChatId)), user, now))!);
        }
        return new ChatPage(views, rows.Length > limit ? new ChatListCursor(end.Epoch, snapshot, rows[limit - 1].Activity) : null);
    }

    public ValueTask<IReadOnlyList<UserId>> ListViewersAsync(ChatId chat, long position) =>
        new(connection.Query<byte[]>(ListViewersSql, new { chatId = chat.Blob(), position }).Select(id => new UserId(Columns.Id(id))).ToList());

    public ValueTask<Participant?> FindParticipantAsync(ChatId chat, UserId user) =>
        new(connection.QueryFirstOrDefault<ParticipantRow>(FindParticipantSql, new { chatId = chat.Blob(), userId = user.Blob() })?.ToParticipant());

    public ValueTask AddParticipantAsync(ChatId chat, UserId user, DateTimeOffset now)
    {
        members?.Forget(chat);
        Join(chat.Blob(), user.Blob(), ParticipantRole.Member, now, events.End().Position);
        connection.QueryFirst<long>(NextVersionSql, new { chatId = chat.Blob() });
        return ValueTask.CompletedTask;
    }

    public ValueTask<RemovedParticipant?> RemoveParticipantAsync(ChatId chat, UserId user)
    {
        members?.Forget(chat);
        var chatId = chat.Blob();
        var role = connection.QueryFirstOrDefault<long>(RemoveParticipantSql, new { chatId, userId = user.Blob() });
        return new(role == 0 ? null : new RemovedParticipant((ParticipantRole)role, connection.QueryFirst<long>(NextVersionSql, new { chatId })));
    }

    public ValueTask EndViewAsync(ChatId chat, UserId user)
    {
        connection.Execute(EndSpanSql, new { userId = user.Blob(), chatId = chat.Blob(), position = events.End().Position });
        return ValueTask.CompletedTask;
    }

    public ValueTask SetRoleAsync(ChatId chat, UserId user, ParticipantRole role)
    {
        members?.Forget(chat);
        connection.Execute(SetRoleSql, new { chatId = chat.Blob(), userId = user.Blob(), role = (long)role });
        return ValueTask.CompletedTask;
    }

    public ValueTask ChangeAsync(ChatId chat, byte[]? encryptedMetadata, int? messageTtl)
    {
        members?.Forget(chat);
        connection.Execute(ChangeSql, new { chatId = chat.Blob(), encryptedMetadata = new Blob(encryptedMetadata), messageTtl });
        return ValueTask.CompletedTask;
    }

    public ValueTask<bool> MoveReadMarkerAsync(ChatId chat, UserId user, MessageId message, long position) =>
        new(connection.Execute(MoveReadMarkerSql, new
        {
            chatId = chat.Blob(),
            userId = user.Blob(),
            messageId = new Blob(Columns.Bytes(message.Value)),
            position,
        }) == 1);

    public ValueTask<UserId?> AppointAdminAsync(ChatId chat)
    {
        members?.Forget(chat);
        return new(connection.QueryFirstOrDefault<byte[]>(AppointAdminSql, new { chatId = chat.Blob() }) is { } user ? new UserId(Columns.Id(user)) : null);
    }

    public ValueTask RemoveAsync(ChatId chat)
    {
        members?.Forget(chat);
        messages.RemoveAll(chat);
        connection.Execute(RemoveSql, new { chatId = chat.Blob() });
        return ValueTask.CompletedTask;
    }

    public ValueTask TouchAsync(ChatId chat, DateTimeOffset now, long position)
    {
        _touch.Add(chat.Value).Add(Columns.Milliseconds(now)).Add(position).Execute();
        return ValueTask.CompletedTask;
    }

    public void Dispose()
    {
        _findMembership.Dispose();
        _listParticipants.Dispose();
        _touch.Dispose();
        _view.Dispose();
        _participants.Dispose();
        _countUnread.Dispose();
    }

    private void Join(Blob chatId, Blob userId, ParticipantRole role, DateTimeOffset joinedAt, long position)
    {
        connection.Execute(AddParticipantSql, new { chatId, userId, role = (long)role, joinedAt = Columns.Milliseconds(joinedAt), position });
        connection.Execute(AddSpanSql, new { userId, chatId, position });
    }

    /// <summary>Two people in the one order in which the database knows them.</summary>
    private static (byte[]? Low, byte[]? High) Ordered(UserId one, UserId other)
    {
        var (first, second) = (Columns.Bytes(one.Value), Columns.Bytes(other.Value));
        return first.AsSpan().SequenceCompareTo(second) < 0 ? (first, second) : (second, first);
    }

    /// <summary>A chat, and where somebody stands in it.</summary>
    private sealed record ViewRow(Chat Chat, long JoinedPosition, long ReadPosition, MessageId? Read);

    internal sealed record PlaceRow(byte[] ChatId, long Activity);

    internal sealed record ParticipantRow(byte[] UserId, string PublicId, string DisplayName, long Role, long JoinedAt)
    {
        public Participant ToParticipant() =>
            new(new UserId(Columns.Id(UserId)), PublicId, DisplayName, (ParticipantRole)Role, Columns.Time(JoinedAt));
    }
}
