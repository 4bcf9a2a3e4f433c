using System.Collections.Concurrent;
using Mimu.Core;
using Mimu.Core.Events;
using Mimu.Core.Storage;

namespace Mimu.Embedded.PubSub;

/// <summary>Pub/sub within one process.</summary>
internal sealed class LocalPubSub : IPubSub
{
    /// <summary>The lists are never changed, only replaced, so that publishing needs no lock.</summary>
    private readonly ConcurrentDictionary<UserId, Subscription[]> _subscriptions = new();

    public IDisposable Subscribe(UserId user, IEventSubscriber subscriber)
    {
        var subscription = new Subscription(this, user, subscriber);
        _subscriptions.AddOrUpdate(user, [subscription], (_, present) => [.. present, subscription]);
        return subscription;
    }

    public void Publish(Publication publication)
    {
        foreach (var user in publication.Audience)
        {
            if (_subscriptions.TryGetValue(user, out var subscriptions))
            {
                foreach (var subscription in subscriptions)
                {
                    subscription.Subscriber.OnEvent(publication);
                }
            }
        }
    }

    private void Unsubscribe(Subscription subscription)
    {
        while (_subscriptions.TryGetValue(subscription.User, out var present))
        {
            var rest = Array.FindAll(present, other => !ReferenceEquals(other, subscription));
            var done = rest.Length > 0
                ? _subscriptions.TryUpdate(subscription.User, rest, present)
                : _subscriptions.TryRemove(KeyValuePair.Create(subscription.User, present));
            if (done)
            {
                return;
            }
        }
    }

    private sealed class Subscription(LocalPubSub pubSub, UserId user, IEventSubscriber subscriber) : IDisposable
    {
        public UserId User => user;

        public IEventSubscriber Subscriber => subscriber;

        public void Dispose() => pubSub.Unsubscribe(this);
    }
}
