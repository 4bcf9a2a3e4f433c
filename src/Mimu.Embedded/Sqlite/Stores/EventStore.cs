using Microsoft.Data.Sqlite;
using Mimu.Core;
using Mimu.Core.Events;

namespace Mimu.Embedded.Sqlite.Stores;

/// <inheritdoc cref="IEventStore"/>
internal sealed class EventStore(SqliteConnection connection) : IEventStore, IDisposable
{
    private const string NextSql = "UPDATE stream SET position = position + 1 WHERE id = 1 RETURNING epoch, position";

    private const string EndSql = "SELECT epoch, position FROM stream WHERE id = 1";

    private const string AppendSql = "INSERT INTO events (position, audience, type, created_at, data) VALUES (?1, ?2, ?3, ?4, ?5)";

    private const string ForgetEventsSql = "DELETE FROM events WHERE audience = ?1";

    private const string ForgetSpansSql = "DELETE FROM stream_spans WHERE user_id = ?1";

    /// <summary>
    /// The next of a user's events within a window of the stream: first their positions alone, from indexes, then the rows. A message that is gone keeps its
    /// place in the page with neither a message nor a type, so that the page's end is known.
    /// </summary>
    private const string ReadSql = $"""
        WITH page AS (
            SELECT t.position AS position
            FROM stream_spans s JOIN messages t ON t.chat_id = s.audience AND t.position > max(s.from_position, ?2) AND t.position <= min(s.until_position, ?3)
            WHERE s.user_id = ?1
            UNION ALL
            SELECT t.position AS position
            FROM stream_spans s JOIN events t ON t.audience = s.audience AND t.position > max(s.from_position, ?2) AND t.position <= min(s.until_position, ?3)
            WHERE s.user_id = ?1
            ORDER BY position LIMIT ?4
        )
        SELECT page.position, e.type, e.data, {MessageStore.MessageColumns}
        FROM page
        LEFT JOIN events e ON e.position = page.position
        LEFT JOIN messages m ON m.position = page.position AND m.deleted_at IS NULL AND (m.expires_at IS NULL OR m.expires_at > ?5)
        ORDER BY page.position
        """;

    private const int FirstMessageColumn = 3;

    /// <summary>
    /// How many positions a reading begins to look at. Who was away for long has many windows with little of their own in them, so each that does not
    /// fill the page doubles the next; who is in everything never sorts more than this many entries for a page.
    /// </summary>
    private const long FirstWindow = 4096;

    /// <summary>Payload bytes after which a page ends, whatever its limit.</summary>
    private const int MaxPageBytes = 512 * 1024;

    private readonly Statement _next = new(connection, NextSql);
    private readonly Statement _end = new(connection, EndSql);
    private readonly Statement _append = new(connection, AppendSql);
    private readonly Statement _read = new(connection, ReadSql);

    /// <summary>The next place in the stream; given back when the work that took it is undone.</summary>
    public Cursor Next() => ReadCursor(_next);

    /// <summary>The last place that was taken.</summary>
    public Cursor End() => ReadCursor(_end);

    public ValueTask<Cursor> AppendAsync(ChatId audience, string type, ReadOnlyMemory<byte> data, DateTimeOffset now) =>
        new(Append(audience.Value, type, data, now));

    public ValueTask<Cursor> AppendAsync(UserId audience, string type, ReadOnlyMemory<byte> data, DateTimeOffset now) =>
        new(Append(audience.Value, type, data, now));

    public ValueTask ForgetAsync(UserId user)
    {
        // Rare, so that nobody keeps them prepared.
        using var events = new Statement(connection, ForgetEventsSql);
        using var spans = new Statement(connection, ForgetSpansSql);
        events.Add(user.Value).Execute();
        spans.Add(user.Value).Execute();
        return ValueTask.CompletedTask;
    }

    private Cursor Append(Guid audience, string type, ReadOnlyMemory<byte> data, DateTimeOffset now)
    {
        var cursor = Next();
        _append.Add(cursor.Position).Add(audience).Add(type).Add(Columns.Milliseconds(now)).Add(data.Span).Execute();
        return cursor;
    }

    public ValueTask<Cursor> EndAsync() => new(End());

    public ValueTask<EventPage?> ReadAsync(UserId user, Cursor since, int limit, DateTimeOffset now)
    {
        var end = End();
        if (since.Epoch != end.Epoch || since.Position > end.Position)
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
        foreach (var statement in (Statement[])[_next, _end, _append, _read])
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
                page.Add(new StreamEvent(cursor, nameof(NewMessage), MessageStore.Read(rows, FirstMessageColumn), default));
            }
            else if (!rows.IsNull(1))
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

    private static Cursor ReadCursor(Statement statement)
    {
        using var rows = statement.Query();
        return rows.Read()
            ? new Cursor((uint)rows.Long(0), rows.Long(1))
            : throw new InvalidOperationException("The database has no stream.");
    }
}
