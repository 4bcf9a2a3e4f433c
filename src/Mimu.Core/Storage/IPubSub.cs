using Mimu.Core.Events;

namespace Mimu.Core.Storage;

/// <summary>Carries committed events to whoever is online. It keeps nothing: who missed one reads it from the stream.</summary>
public interface IPubSub
{
    /// <summary>From now on <paramref name="subscriber"/> is told each event published for <paramref name="user"/>, until the answer is disposed of.</summary>
    IDisposable Subscribe(UserId user, IEventSubscriber subscriber);

    /// <summary>
    /// Tells events that were committed together to all subscribers of their audiences. What has a place in the stream comes from one thread, in commit order; a
    /// signal comes at any time.
    /// </summary>
    void Publish(IReadOnlyList<Publication> publications);
}

/// <summary>Someone who is online.</summary>
public interface IEventSubscriber
{
    /// <summary>An event of the user's stream. Must return at once and never throw: every later event waits for it.</summary>
    /// <returns>Whether <see cref="OnTold"/> is to be called when all that was committed together has been told.</returns>
    bool OnEvent(Publication publication);

    /// <summary>All that was committed together has been told: the moment to pass it on, all at once. As quick as <see cref="OnEvent"/>.</summary>
    void OnTold();
}
