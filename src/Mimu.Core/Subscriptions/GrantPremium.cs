using Mimu.Core.Accounts;
using Mimu.Core.Storage;

namespace Mimu.Core.Subscriptions;

/// <summary>What an administrator sees of somebody's subscription.</summary>
public sealed record SubscriptionFile(Account Account, SubscriptionStatus Status, DateTimeOffset? GrantedUntil, IReadOnlyList<OwnedPurchase> Purchases, IReadOnlyList<SubscriptionNote> Log);

/// <summary>Premium by an administrator, and what there is to know of somebody's subscription.</summary>
public sealed class GrantPremium(IDatabase database, SubscriptionNews news, Subscribers subscribers, TimeProvider clock)
{
    private const int LogLimit = 50;

    /// <returns>What there is; <c>not_found</c>.</returns>
    public async ValueTask<Result<SubscriptionFile>> ShowAsync(PublicId publicId, CancellationToken cancellation) =>
        await database.ReadAsync(tx => FileAsync(tx, publicId), cancellation) is { } file ? file : Errors.NotFound.Because("No account has this public id.");

    /// <summary>Gives premium until a moment, or takes such a gift back with null.</summary>
    /// <returns>What there is then; <c>not_found</c>, or <c>validation_failed</c> for a time that is over.</returns>
    public ValueTask<Result<SubscriptionFile>> RunAsync(PublicId publicId, DateTimeOffset? until, CancellationToken cancellation) => database.WriteAsync<SubscriptionFile>(async tx =>
    {
        var now = clock.Now();
        if (until <= now)
        {
            return new ValidationFailed([new Fault("until", "must be in the future")]);
        }
        if (await tx.Accounts.FindAsync(publicId) is not { State: not AccountState.Deleted } account)
        {
            return Errors.NotFound.Because("No account has this public id.");
        }
        var isChanged = await tx.Subscriptions.GrantAsync(account.Id, until, now);
        if (isChanged)
        {
            await tx.Subscriptions.LogAsync(new SubscriptionNote(now, account.Id, Platform: null, PurchaseSource.Admin, ReceiptHash: null, until is null ? "revoked" : "granted",
                until is { } end ? $"until {end:u}" : "the gift was taken back"));
            await news.TellAsync(tx, account.Id, origin: null);
        }
        return (await FileAsync(tx, publicId))!;
    }, cancellation);

    private async ValueTask<SubscriptionFile?> FileAsync(ITransaction tx, PublicId publicId)
    {
        if (await tx.Accounts.FindAsync(publicId) is not { State: not AccountState.Deleted } account)
        {
            return null;
        }
        var (purchases, grant) = (await tx.Subscriptions.ListAsync(account.Id), await tx.Subscriptions.FindGrantAsync(account.Id));
        var status = await subscribers.StatusOfAsync(tx, account.Id) ?? SubscriptionStatus.Of(purchases, grant, clock.Now());
        return new SubscriptionFile(account, status, grant, purchases, await tx.Subscriptions.ListLogAsync(account.Id, LogLimit));
    }
}
