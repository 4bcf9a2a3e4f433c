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

    public void Publish(IReadOnlyList<Publication> publications)
    {
        List<IEventSubscriber>? told = null;
        for (var i = 0; i < publications.Count; i++)
        {
            Tell(publications[i], ref told);
        }
        if (told is not null)
        {
            foreach (var subscriber in told)
            {
                subscriber.OnTold();
            }
        }
    }

    private void Tell(Publication publication, ref List<IEventSubscriber>? told)
    {
        for (var i = 0; i < publication.Audience.Count; i++)
        {
            if (_subscriptions.TryGetValue(publication.Audience[i], out var subscriptions))
            {
                foreach (var subscription in subscriptions)
                {
                    if (subscription.Subscriber.OnEvent(publication))
                    {
                        (told ??= []).Add(subscription.Subscriber);
                    }
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
