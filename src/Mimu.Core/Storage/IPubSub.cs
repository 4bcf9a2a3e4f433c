using Mimu.Core.Events;

namespace Mimu.Core.Storage;

/// <summary>Carries committed events to whoever is online. It keeps nothing: who missed one reads it from the stream.</summary>
public interface IPubSub
{
    /// <summary>From now on <paramref name="subscriber"/> is told each event published for <paramref name="user"/>, until the answer is disposed of.</summary>
    IDisposable Subscribe(UserId user, IEventSubscriber subscriber);

    /// <summary>Tells an event to all subscribers of its audience. What has a place in the stream comes one at a time, in commit order; a signal comes at any time.</summary>
    void Publish(Publication publication);
}

/// <summary>Someone who is online.</summary>
public interface IEventSubscriber
{
    /// <summary>An event of the user's stream. Must return at once and never throw: every later event waits for it.</summary>
    void OnEvent(Publication publication);
}
