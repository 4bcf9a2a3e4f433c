using Mimu.Core;
using Mimu.Core.Events;
using Mimu.Core.Storage;

namespace Mimu.Appliance.Gateway;

/// <summary>
/// Brings a socket from its cursor to the present without a gap: it was subscribed before the first page is read, and goes live in the moment in which
/// nothing was published behind what has been read. What is live later and was read already is dropped.
/// </summary>
internal sealed class CatchUp(IDatabase database, TimeProvider clock, UserId user)
{
    private const int PageSize = 256;

    private readonly Lock _gate = new();
    private Cursor _read;
    private long _published;
    private long _handed;
    private bool _isLive;

    /// <summary>Where the catching up begins. Not for use after the first page.</summary>
    public void StartFrom(Cursor cursor) => (_read, _handed) = (cursor, cursor.Position);

    /// <summary>Whether a published event goes to the socket now: it is live, and this one was not read already.</summary>
    public bool Passes(Publication publication)
    {
        lock (_gate)
        {
            if (publication.Cursor is not { } cursor)
            {
                return _isLive;
            }
            _published = Math.Max(_published, cursor.Position);
            if (!_isLive || cursor.Position <= _read.Position)
            {
                return false;
            }
            _handed = cursor.Position;
            return true;
        }
    }

    /// <summary>The place up to which the stream has been handed to the socket.</summary>
    public long Handed
    {
        get
        {
            lock (_gate)
            {
                return _handed;
            }
        }
    }

    /// <summary>The next missed events; null when the cursor is not served.</summary>
    public async ValueTask<EventPage?> ReadAsync(CancellationToken cancellation)
    {
        var page = await database.ReadAsync(tx => tx.Events.ReadAsync(user, _read, PageSize, clock.Now()), cancellation);
        if (page is not null)
        {
            lock (_gate)
            {
                // Those before it are on their way when the next are asked for.
                _handed = _read.Position;
                _read = page.Cursor;
            }
        }
        return page;
    }

    /// <summary>Goes live, unless there is more to read. To be called when all that was read is on its way.</summary>
    public bool TryGoLive(EventPage page)
    {
        lock (_gate)
        {
            _handed = _read.Position;
            return _isLive = !page.HasMore && _published <= _read.Position;
        }
    }
}
