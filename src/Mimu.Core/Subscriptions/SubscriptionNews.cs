using System.Globalization;
using Mimu.Core.Events;
using Mimu.Core.Storage;

namespace Mimu.Core.Subscriptions;

/// <summary>Tells accounts what has become of their subscriptions (protocol 6, <c>SubscriptionChanged</c>), once each.</summary>
public sealed class SubscriptionNews(EventWriter events, Subscribers subscribers, TimeProvider clock)
{
    /// <summary>Looks what somebody's status is by now, and tells it if it is another than they were told.</summary>
    /// <returns>The status.</returns>
    public async ValueTask<SubscriptionStatus> TellAsync(ITransaction tx, UserId user, SessionId? origin)
    {
        var now = clock.Now();
        var (purchases, grant) = (await tx.Subscriptions.ListAsync(user), await tx.Subscriptions.FindGrantAsync(user));
        var status = SubscriptionStatus.Of(purchases, grant, now);
        var (told, before) = (Written(status), await tx.Subscriptions.FindToldAsync(user));
        await tx.Subscriptions.ToldAsync(user, told, SubscriptionStatus.ChangesAt(purchases, grant, now));
        if (subscribers.Mode is SubscriptionMode.Stores && told != (before ?? Written(SubscriptionStatus.None)))
        {
            await events.AppendToEachAsync(tx, [user], new SubscriptionChanged(status), origin);
        }
        return subscribers.Mode is SubscriptionMode.Everyone ? SubscriptionStatus.Everyones : status;
    }

    /// <summary>To be compared, and never read.</summary>
    private static string Written(SubscriptionStatus status) =>
        string.Create(CultureInfo.InvariantCulture, $"{status.State} {status.Platform} {status.ProductId} {status.ExpiresAt?.ToUnixTimeMilliseconds()} {status.IsAutoRenewing}");
}
