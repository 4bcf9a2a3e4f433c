using Mimu.Core.Events;
using Mimu.Core.Storage;

namespace Mimu.Core.Sessions;

/// <summary>
/// Which sessions go on, from memory. A session is remembered only while its end would be heard of: whoever looks it up listens for its end first, reads then,
/// and remembers last. An end that is committed after the reading is published after it, and so finds what there is to forget.
/// </summary>
/// <param name="database">Where sessions are.</param>
/// <param name="pubSub">Where their ends are told (<see cref="SessionEndings"/>).</param>
/// <param name="capacity">How many are remembered: with more, those that are not heard of are read again.</param>
public sealed class LiveSessions(IDatabase database, IPubSub pubSub, int capacity = LiveSessions.DefaultCapacity)
{
    /// <summary>About 5 MiB when it is full.</summary>
    public const int DefaultCapacity = 20_000;

    private readonly BoundedCache<SessionId, Watch> _watches = new(capacity, watch => watch.Dispose());

    /// <summary>Whether the session goes on at this moment. Once the end of a session has been answered, this is false.</summary>
    public ValueTask<bool> IsLiveAsync(Caller caller, CancellationToken cancellation) =>
        _watches.TryGet(caller.SessionId, out var watch) ? new(watch.IsLive) : LookUpAsync(caller, cancellation);

    private async ValueTask<bool> LookUpAsync(Caller caller, CancellationToken cancellation)
    {
        var watch = new Watch(caller.SessionId, this);
        watch.Subscription = pubSub.Subscribe(caller.UserId, watch);
        var isKept = false;
        try
        {
            if (await database.ReadAsync(tx => tx.Sessions.FindAsync(caller.SessionId), cancellation) is null)
            {
                return false;
            }
            isKept = _watches.TryAdd(caller.SessionId, watch);
            // It may have ended between the reading and the adding, when there was nothing to forget yet.
            if (!watch.IsLive)
            {
                Forget(watch);
            }
            return watch.IsLive;
        }
        finally
        {
            if (!isKept)
            {
                watch.Dispose();
            }
        }
    }

    private void Forget(Watch watch) => _watches.Remove(watch.Session, watch);

    /// <summary>Listens for the end of one session.</summary>
    private sealed class Watch(SessionId session, LiveSessions sessions) : IEventSubscriber, IDisposable
    {
        private volatile bool _hasEnded;

        public SessionId Session => session;

        public bool IsLive => !_hasEnded;

        public IDisposable? Subscription { get; set; }

        public bool OnEvent(Publication publication)
        {
            if (publication.Event is SessionEnded ended && ended.Session == session)
            {
                _hasEnded = true;
                sessions.Forget(this);
            }
            return false;
        }

        public void OnTold()
        {
            // What there was to do is done.
        }

        public void Dispose() => Subscription?.Dispose();
    }
}
