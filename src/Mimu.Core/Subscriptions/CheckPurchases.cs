using Mimu.Core.Storage;

namespace Mimu.Core.Subscriptions;

/// <summary>Asks Google about purchases before and after they end, tells it that they were delivered, and tells accounts whose time is over. Apple tells by itself.</summary>
public sealed class CheckPurchases(IDatabase database, TakePurchase take, SubscriptionNews news, IPlayStore? play, TimeProvider clock)
{
    private const int Batch = 50;

    /// <summary>When to ask again that could not be asked.</summary>
    private static readonly TimeSpan _pause = TimeSpan.FromMinutes(10);

    private static readonly PurchaseSource _source = new(PurchaseSource.Check, Receipt: null);

    /// <returns>How many purchases were looked at, and how many accounts.</returns>
    public async ValueTask<(int Purchases, int Accounts)> RunAsync(CancellationToken cancellation)
    {
        var (purchases, accounts) = (0, 0);
        if (play is not null)
        {
            foreach (var due in await database.ReadAsync(tx => tx.Subscriptions.ListDueAsync(clock.Now(), Batch), cancellation))
            {
                await CheckAsync(play, due, cancellation);
                purchases++;
            }
        }
        foreach (var user in await database.ReadAsync(tx => tx.Subscriptions.ListChangingAsync(clock.Now(), Batch), cancellation))
        {
            await database.WriteAsync<SubscriptionStatus>(async tx => await news.TellAsync(tx, user, origin: null), cancellation);
            accounts++;
        }
        return (purchases, accounts);
    }

    private async ValueTask CheckAsync(IPlayStore store, OwnedPurchase due, CancellationToken cancellation)
    {
        var purchase = due.Purchase;
        if (purchase.NeedsAcknowledgement)
        {
            if (await store.AcknowledgeAsync(purchase, cancellation))
            {
                await take.FromStoreAsync(purchase with { NeedsAcknowledgement = false }, messageId: null, _source, cancellation);
            }
            else
            {
                await PostponeAsync(due, _pause, cancellation);
            }
            return;
        }
        switch (await store.LookUpAsync(purchase.PurchaseId, purchase.IsSubscription ? null : purchase.ProductId, cancellation))
        {
            case PlayFound found:
                await take.FromStoreAsync(found.Purchase, messageId: null, _source, cancellation);
                break;
            case PlayInvalid:
                // It is no more what it was; of what was granted for it nothing is left.
                await take.EndAsync(purchase.Platform, purchase.PurchaseId, messageId: null, _source, cancellation);
                break;
            case PlayUnavailable unavailable:
                await PostponeAsync(due, unavailable.RetryAfter > _pause ? unavailable.RetryAfter.Value : _pause, cancellation);
                break;
        }
    }

    private async ValueTask PostponeAsync(OwnedPurchase due, TimeSpan pause, CancellationToken cancellation) => await database.WriteAsync<Done>(async tx =>
    {
        if (await tx.Subscriptions.FindAsync(due.Purchase.Platform, due.Purchase.PurchaseId) is { } present)
        {
            await tx.Subscriptions.PutAsync(present with { CheckAt = clock.Now() + pause });
        }
        return default(Done);
    }, cancellation);
}
