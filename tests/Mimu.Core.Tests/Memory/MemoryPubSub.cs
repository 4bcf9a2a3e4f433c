using System.Collections.Immutable;
using Mimu.Core.Events;
using Mimu.Core.Storage;

namespace Mimu.Core.Tests.Memory;

/// <summary>Pub/sub in one list.</summary>
internal sealed class MemoryPubSub : IPubSub
{
    private ImmutableList<Subscription> _subscriptions = [];

    public IDisposable Subscribe(UserId user, IEventSubscriber subscriber)
    {
        var subscription = new Subscription(this, user, subscriber);
        ImmutableInterlocked.Update(ref _subscriptions, all => all.Add(subscription));
        return subscription;
    }

    public void Publish(IReadOnlyList<Publication> publications)
    {
        var told = publications.SelectMany(publication => _subscriptions.Where(one => publication.Audience.Contains(one.User))
            .Where(one => one.Subscriber.OnEvent(publication))).ToList();
        told.ForEach(subscription => subscription.Subscriber.OnTold());
    }

    private sealed class Subscription(MemoryPubSub pubSub, UserId user, IEventSubscriber subscriber) : IDisposable
    {
        public UserId User => user;

        public IEventSubscriber Subscriber => subscriber;

        public void Dispose() => ImmutableInterlocked.Update(ref pubSub._subscriptions, all => all.Remove(this));
    }
}
