using Microsoft.Data.Sqlite;
using Mimu.Core;
using Mimu.Core.Events;
using Mimu.Core.Messages;

namespace Mimu.Embedded.Sqlite.Stores;

/// <inheritdoc cref="IEventStore"/>
internal sealed class EventStore(SqliteConnection connection) : IEventStore, IDisposable
{
    private const string SaveSql = "UPDATE stream SET position = ?1 WHERE id = 1";

    private const string EndSql = "SELECT epoch, position, floor FROM stream WHERE id = 1";

    private const string AppendSql = "INSERT INTO events (position, audience, type, created_at, data, message_position) VALUES (?1, ?2, ?3, ?4, ?5, ?6)";

    private const string ForgetEventsSql = "DELETE FROM events WHERE audience = ?1";

    private const string ForgetSpansSql = "DELETE FROM stream_spans WHERE user_id = ?1";

    /// <summary>
    /// The next of a user's events within a window of the stream: first their positions alone, from indexes, then the rows. A message that is gone keeps its
    /// place in the page without one, so that the page's end is known. An edit's message must be one that the user sees, and no message may say what was
    /// written when the user had left.
    /// </summary>
    private const string ReadSql = $"""
        WITH page AS (
            SELECT t.position AS position, s.from_position AS from_position, s.until_position AS until_position
            FROM stream_spans s JOIN messages t ON t.chat_id = s.audience AND t.position > max(s.from_position, ?2) AND t.position <= min(s.until_position, ?3)
            WHERE s.user_id = ?1
            UNION ALL
            SELECT t.position AS position, s.from_position AS from_position, s.until_position AS until_position
            FROM stream_spans s JOIN events t ON t.audience = s.audience AND t.position > max(s.from_position, ?2) AND t.position <= min(s.until_position, ?3)
            WHERE s.user_id = ?1
            ORDER BY position LIMIT ?4
        )
        SELECT page.position, e.type, e.data, e.message_position, {MessageStore.MessageColumns}
        FROM page
        LEFT JOIN events e ON e.position = page.position
        LEFT JOIN messages m ON m.position = coalesce(e.message_position, page.position) AND m.position > page.from_position
            AND (m.is_edited = 0 OR (SELECT position FROM edits WHERE message_position = m.position) <= page.until_position)
            AND m.is_deleted = 0 AND (m.expires_at IS NULL OR m.expires_at > ?5)
        {MessageStore.AndEdits}
        ORDER BY page.position
        """;

    private const string MarkSql = """
        INSERT INTO stream_marks (position, marked_at)
        SELECT ?3, ?1 WHERE NOT EXISTS (SELECT 1 FROM stream_marks WHERE marked_at > ?2 AND marked_at <= ?1)
        """;

    /// <summary>Writes nothing when it stays where it is, so that a server without work lets its disk sleep.</summary>
    private const string RaiseFloorSql = """
        UPDATE stream SET floor = (SELECT max(position) FROM stream_marks WHERE marked_at <= ?1)
        WHERE id = 1 AND floor < (SELECT max(position) FROM stream_marks WHERE marked_at <= ?1)
        """;

    private const string RetireSql =
        "DELETE FROM events WHERE position IN (SELECT position FROM events WHERE position <= (SELECT floor FROM stream WHERE id = 1) ORDER BY position LIMIT ?1)";

    /// <summary>Marks of this age have raised the floor as far as they can.</summary>
    private const string ForgetMarksSql = "DELETE FROM stream_marks WHERE marked_at <= ?1";

    private const int FirstMessageColumn = 4;

    /// <summary>
    /// How many positions a reading begins to look at. Who was away for long has many windows with little of their own in them, so each that does not
    /// fill the page doubles the next; who is in everything never sorts more than this many entries for a page.
    /// </summary>
    private const long FirstWindow = 4096;

    /// <summary>Payload bytes after which a page ends, whatever its limit.</summary>
    private const int MaxPageBytes = 512 * 1024;

    private readonly Statement _save = new(connection, SaveSql);
    private readonly Statement _end = new(connection, EndSql);
    private readonly Statement _append = new(connection, AppendSql);
    private readonly Statement _read = new(connection, ReadSql);

    // The last place that this transaction took, which the table learns when it ends; null when it took none.
    private Cursor? _taken;
    private Cursor? _takenBefore;

    /// <summary>The next place in the stream; given back when the work that took it is undone.</summary>
    public Cursor Next()
    {
        var last = End();
        _taken = last with { Position = last.Position + 1 };
        return _taken.Value;
    }

    /// <summary>The last place that was taken.</summary>
    public Cursor End() => _taken ?? Bounds().End;

    /// <summary>Writes down which places the transaction took, once for all of its work.</summary>
    public void Save()
    {
        if (_taken is { } taken)
        {
            _save.Add(taken.Position).Execute();
            _taken = null;
        }
    }

    /// <summary>Remembers what was taken until now, for <see cref="GiveBack"/>.</summary>
    public void BeginWork() => _takenBefore = _taken;

    /// <summary>Gives back what the work took that is undone.</summary>
    public void GiveBack() => _taken = _takenBefore;

    /// <summary>Gives back what the transaction took that is undone.</summary>
    public void GiveBackAll() => _taken = _takenBefore = null;

    public ValueTask<Cursor> AppendAsync(ChatId audience, string type, ReadOnlyMemory<byte> data, DateTimeOffset now) =>
        new(Append(audience.Value, type, data, now));

    public ValueTask<Cursor> AppendAsync(UserId audience, string type, ReadOnlyMemory<byte> data, DateTimeOffset now) =>
        new(Append(audience.Value, type, data, now));

    public ValueTask<Cursor> AppendEditAsync(Message edited, DateTimeOffset now) =>
        new(Append(edited.ChatId.Value, nameof(MessageEdited), default, now, edited.Position));

    public ValueTask ForgetAsync(UserId user)
    {
        // Rare, so that nobody keeps them prepared.
        using var events = new Statement(connection, ForgetEventsSql);
        using var spans = new Statement(connection, ForgetSpansSql);
        events.Add(user.Value).Execute();
        spans.Add(user.Value).Execute();
        return ValueTask.CompletedTask;
    }

    public ValueTask MarkAsync(DateTimeOffset now, DateTimeOffset unlessSince)
    {
        // Now and then, so that nobody keeps it prepared.
        using var mark = new Statement(connection, MarkSql);
        mark.Add(Columns.Milliseconds(now)).Add(Columns.Milliseconds(unlessSince)).Add(End().Position).Execute();
        return ValueTask.CompletedTask;
    }

    public ValueTask<int> RetireAsync(DateTimeOffset before, int limit)
    {
        using var raise = new Statement(connection, RaiseFloorSql);
        using var retire = new Statement(connection, RetireSql);
        using var forget = new Statement(connection, ForgetMarksSql);
        raise.Add(Columns.Milliseconds(before)).Execute();
        retire.Add((long)limit).Execute();
        var retired = Statement.Changes(connection);
        forget.Add(Columns.Milliseconds(before)).Execute();
        return new(retired);
    }

    private Cursor Append(Guid audience, string type, ReadOnlyMemory<byte> data, DateTimeOffset now, long? messagePosition = null)
    {
        var cursor = Next();
        _append.Add(cursor.Position).Add(audience).Add(type).Add(Columns.Milliseconds(now)).Add(data.Span).Add(messagePosition).Execute();
        return cursor;
    }

    public ValueTask<Cursor> EndAsync() => new(End());

    public ValueTask<EventPage?> ReadAsync(UserId user, Cursor since, int limit, DateTimeOffset now)
    {
        var (end, floor) = Bounds();
        if (since.Position < floor || since.Epoch != end.Epoch || since.Position > end.Position)
        {
            return new((EventPage?)null);
        }
        var page = new PageBuilder(limit);
        var position = since.Position;
        for (var window = FirstWindow; position < end.Position && !page.IsFull; window *= 2)
        {
            position = ReadWindow(user, end with { Position = position }, Math.Min(end.Position, position + window), now, page);
        }
        return new(page.Build(end));
    }

    public void Dispose()
    {
        foreach (var statement in (Statement[])[_save, _end, _append, _read])
        {
            statement.Dispose();
        }
    }

    /// <summary>Adds what lies between <paramref name="after"/> and <paramref name="until"/>, as far as there is room; answers how far it came.</summary>
    private long ReadWindow(UserId user, Cursor after, long until, DateTimeOffset now, PageBuilder page)
    {
        var wanted = page.Room;
        var (found, last) = (0, after.Position);
        using var rows = _read.Add(user.Value).Add(after.Position).Add(until).Add(wanted).Add(Columns.Milliseconds(now)).Query();
        while (!page.IsFull && rows.Read())
        {
            found++;
            last = rows.Long(0);
            var cursor = after with { Position = last };
            if (!rows.IsNull(FirstMessageColumn))
            {
                page.Add(new StreamEvent(cursor, rows.IsNull(1) ? nameof(NewMessage) : rows.Text(1), MessageStore.Read(rows, FirstMessageColumn), default));
            }
            else if (!rows.IsNull(1) && rows.IsNull(3))
            {
                page.Add(new StreamEvent(cursor, rows.Text(1), Message: null, rows.Bytes(2)));
            }
        }
        return found < wanted ? until : last;
    }

    /// <summary>Gathers a page. One event more than fits tells that there are more.</summary>
    private sealed class PageBuilder(int limit)
    {
        private readonly List<StreamEvent> _events = [];
        private int _bytes;
        private bool _hasMore;

        public bool IsFull => _hasMore;

        public int Room => limit + 1 - _events.Count;

        public void Add(StreamEvent happened)
        {
            if (_events.Count == limit || _bytes >= MaxPageBytes)
            {
                _hasMore = true;
                return;
            }
            _events.Add(happened);
            _bytes += happened.Message?.Payload.Length ?? happened.Data.Length;
        }

        public EventPage Build(Cursor end) => new(_events, _hasMore ? _events[^1].Cursor : end, _hasMore);
    }

    private (Cursor End, long Floor) Bounds()
    {
        using var rows = _end.Query();
        return rows.Read()
            ? (_taken ?? new Cursor((uint)rows.Long(0), rows.Long(1)), rows.Long(2))
            : throw new InvalidOperationException("The database has no stream.");
    }
}
