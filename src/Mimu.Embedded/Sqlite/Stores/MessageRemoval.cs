using Microsoft.Data.Sqlite;
using Mimu.Core;

namespace Mimu.Embedded.Sqlite.Stores;

/// <summary>
/// Removes messages so that no copy of any message stays in the file (docs/adr/0010). A row that goes may have SQLite move its neighbours to other pages, of which
/// bytes stay where they were. So a row is emptied in its place first, and goes when all that could be moved is as empty.
/// </summary>
internal sealed class MessageRemoval(SqliteConnection connection)
{
    /// <summary>In no column anything that takes room, so that a row only ever shrinks, for which nothing is moved.</summary>
    private const string Empty = """
        message_id = NULL, chat_id = NULL, sender_id = NULL, sender_device_id = 0, type = '', reply_to = NULL, forwarded_from = NULL, created_at = 0,
        expires_at = NULL, is_deleted = 1, is_edited = 0, client_message_id = NULL, payload = x''
        """;

    private const string EmptyEdit = "message_position = NULL, edited_at = NULL, payload = x''";

    internal const string EmptyEditSql = $"UPDATE edits SET {EmptyEdit} WHERE message_position = ?1";

    private const string EmptySql = $"UPDATE messages SET {Empty} WHERE position = ?1";

    private const string EmptyEditsOfChatSql = $"UPDATE edits SET {EmptyEdit} WHERE message_position IN (SELECT position FROM messages WHERE chat_id = ?1)";

    private const string EmptyChatSql = $"UPDATE messages SET {Empty} WHERE chat_id = ?1";

    private const string ListOldestOfAllSql = "SELECT chat_id, position, created_at FROM messages WHERE message_id IS NOT NULL ORDER BY position LIMIT ?1";

    /// <summary>When a chat was last active is what its last message says; once that is gone, the chat has to.</summary>
    private const string NoteActivitySql = "UPDATE chats SET updated_at = max(updated_at, ?2), activity = max(activity, ?3) WHERE chat_id = ?1";

    private const string ListFirstRowsSql = "SELECT position, message_id IS NULL FROM messages ORDER BY position LIMIT ?1";

    private const string DeleteFirstRowsSql = "DELETE FROM messages WHERE position <= ?1";

    private const string ListFirstEditsSql = "SELECT position, message_position IS NULL FROM edits ORDER BY position LIMIT ?1";

    private const string DeleteFirstEditsSql = "DELETE FROM edits WHERE position <= ?1";

    private const string PageSizeSql = "PRAGMA page_size";

    /// <summary>Of the smallest row there can be, an emptied edit's: its sizes, its position, a byte for each of its columns, and its entry in the page.</summary>
    private const int SmallestRow = 9;

    /// <summary>How many neighbours SQLite moves cells between, the page of the row that goes among them (NB in its btree.c).</summary>
    private const int PagesMoved = 3;

    /// <summary>Removes messages of before a time, the oldest first, and the rows of those that were removed earlier.</summary>
    /// <returns>How many messages there were, or <paramref name="limit"/> as long as there are more rows than could be deleted at once.</returns>
    public int RemoveOlder(long before, int limit)
    {
        var rest = DeleteFirst(ListFirstRowsSql, DeleteFirstRowsSql, limit) | DeleteFirst(ListFirstEditsSql, DeleteFirstEditsSql, limit);
        return rest ? limit : EmptyOlder(before, limit);
    }

    /// <summary>Removes a chat's messages.</summary>
    public void RemoveAll(ChatId chat)
    {
        using var emptyEdits = new Statement(connection, EmptyEditsOfChatSql);
        using var empty = new Statement(connection, EmptyChatSql);
        emptyEdits.Add(chat.Value).Execute();
        empty.Add(chat.Value).Execute();
    }

    /// <summary>Has the chats remember when those messages were sent, and empties their rows.</summary>
    private int EmptyOlder(long before, int limit)
    {
        // Once in a while, so that nobody keeps them prepared.
        using var listOldest = new Statement(connection, ListOldestOfAllSql);
        using var note = new Statement(connection, NoteActivitySql);
        using var empty = new Statement(connection, EmptySql);
        using var emptyEdit = new Statement(connection, EmptyEditSql);
        var positions = new List<long>();
        var last = new Dictionary<Guid, (long CreatedAt, long Position)>();
        using (var rows = listOldest.Add((long)limit).Query())
        {
            while (rows.Read())
            {
                // Their order in the stream is that of their age, but for what clocks that were set back have written.
                if (rows.Long(2) < before)
                {
                    positions.Add(rows.Long(1));
                    last[rows.Id(0)] = (Math.Max(rows.Long(2), last.GetValueOrDefault(rows.Id(0)).CreatedAt), rows.Long(1));
                }
            }
        }
        foreach (var (chat, (createdAt, position)) in last)
        {
            note.Add(chat).Add(createdAt).Add(position).Execute();
        }
        foreach (var position in positions)
        {
            emptyEdit.Add(position).Execute();
            empty.Add(position).Execute();
        }
        return positions.Count;
    }

    /// <summary>
    /// Deletes the first rows of a table as far as they are empty, but for the last of these: so many that no row with something in it is on a page that
    /// SQLite may move cells from.
    /// </summary>
    /// <returns>Whether there may be more of them.</returns>
    private bool DeleteFirst(string listSql, string deleteSql, int limit)
    {
        var margin = PagesMoved * PageSize() / SmallestRow;
        var most = margin + 2 * limit;
        var empty = new List<long>();
        using (var list = new Statement(connection, listSql))
        using (var rows = list.Add((long)most).Query())
        {
            while (rows.Read() && rows.Long(1) == 1)
            {
                empty.Add(rows.Long(0));
            }
        }
        if (empty.Count > margin)
        {
            using var delete = new Statement(connection, deleteSql);
            delete.Add(empty[^(margin + 1)]).Execute();
        }
        return empty.Count == most;
    }

    private int PageSize()
    {
        using var pageSize = new Statement(connection, PageSizeSql);
        using var rows = pageSize.Query();
        rows.Read();
        return (int)rows.Long(0);
    }
}
