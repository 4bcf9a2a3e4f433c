using System.Collections.Concurrent;
using Mimu.Core;
using Mimu.Core.Events;
using Mimu.Core.Storage;

namespace Mimu.Embedded.PubSub;

/// <summary>Pub/sub within one process.</summary>
internal sealed class LocalPubSub : IPubSub
{
    /// <summary>The lists are never changed, only replaced, so that publishing needs no lock.</summary>
    private readonly ConcurrentDictionary<UserId, IEventSubscriber[]> _subscribers = new();

    public IDisposable Subscribe(UserId user, IEventSubscriber subscriber)
    {
        _subscribers.AddOrUpdate(user, [subscriber], (_, present) => [.. present, subscriber]);
        return new Subscription(this, user, subscriber);
    }

    public void Publish(Publication publication)
    {
        foreach (var user in publication.Audience)
        {
            if (_subscribers.TryGetValue(user, out var subscribers))
            {
                foreach (var subscriber in subscribers)
                {
                    subscriber.OnEvent(publication);
                }
            }
        }
    }

    private void Unsubscribe(UserId user, IEventSubscriber subscriber)
    {
        while (_subscribers.TryGetValue(user, out var present))
        {
            var rest = Array.FindAll(present, other => !ReferenceEquals(other, subscriber));
            var done = rest.Length > 0
                ? _subscribers.TryUpdate(user, rest, present)
                : _subscribers.TryRemove(KeyValuePair.Create(user, present));
            if (done)
            {
                return;
            }
        }
    }

    private sealed class Subscription(LocalPubSub pubSub, UserId user, IEventSubscriber subscriber) : IDisposable
    {
        public void Dispose() => pubSub.Unsubscribe(user, subscriber);
    }
}
