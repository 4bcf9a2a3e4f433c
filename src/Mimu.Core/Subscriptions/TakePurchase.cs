using System.Security.Cryptography;
using System.Text;
using Mimu.Core.Accounts;
using Mimu.Core.Storage;

namespace Mimu.Core.Subscriptions;

/// <summary>Where news of a purchase came from.</summary>
/// <param name="Word">As the log has it.</param>
/// <param name="Receipt">What was sent, of which the hash is kept; null for nothing.</param>
public sealed record PurchaseSource(string Word, string? Receipt)
{
    public const string Purchase = "purchase";
    public const string Notification = "notification";
    public const string Check = "check";
    public const string Admin = "admin";

    internal byte[]? Hash => Receipt is null ? null : SHA256.HashData(Encoding.UTF8.GetBytes(Receipt));
}

/// <summary>Stores what a store vouches for: a purchase belongs to one account, and what is older never replaces what is newer.</summary>
public sealed class TakePurchase(IDatabase database, SubscriptionNews news, TimeProvider clock)
{
    /// <summary>How long before a subscription's end, and after, the store is asked what becomes of it.</summary>
    private static readonly TimeSpan _before = TimeSpan.FromMinutes(10);

    /// <summary>A purchase that somebody says is theirs.</summary>
    /// <returns>Their status; <c>receipt_invalid</c> for one that was bought for another, <c>receipt_in_use</c> for one that is another's already.</returns>
    public async ValueTask<Result<SubscriptionStatus>> ForCallerAsync(Caller caller, StorePurchase purchase, PurchaseSource source, CancellationToken cancellation)
    {
        // A refusal undoes what was written, and it is to be noted: so the work ends well with it.
        var outcome = await database.WriteAsync<Outcome>(async tx =>
        {
            if (await tx.Sessions.FindAsync(caller.SessionId) is null)
            {
                return Errors.SessionEnded;
            }
            if (purchase.BoughtFor is { } other && other != caller.UserId && await IsThereAsync(tx, other))
            {
                await NoteAsync(tx, caller.UserId, purchase.Platform, source, "refused", "it was bought for another account");
                return new Outcome(Errors.ReceiptInvalid.Because("It was bought for another account."), Status: null);
            }
            foreach (var id in (string?[])[purchase.PurchaseId, purchase.Replaces])
            {
                if (id is not null && await tx.Subscriptions.FindAsync(purchase.Platform, id) is { } owned && owned.Owner != caller.UserId && await IsThereAsync(tx, owned.Owner))
                {
                    await NoteAsync(tx, caller.UserId, purchase.Platform, source, "refused", "it is another account's");
                    return new Outcome(Errors.ReceiptInUse, Status: null);
                }
            }
            return new Outcome(Refusal: null, await PutAsync(tx, caller.UserId, purchase, source, caller.SessionId));
        }, cancellation);
        return !outcome.Succeeded(out var value, out var refusal) ? refusal : value.Refusal is { } refused ? refused : value.Status!;
    }

    /// <summary>What a store says by itself, of a purchase that may be nobody's here.</summary>
    /// <param name="purchase">The purchase.</param>
    /// <param name="messageId">The name of the store's message, which may come twice; null for none.</param>
    /// <param name="source">Where it came from.</param>
    /// <param name="cancellation">Gives up; nothing is changed.</param>
    /// <returns>Whether anything was made of it.</returns>
    public async ValueTask<bool> FromStoreAsync(StorePurchase purchase, string? messageId, PurchaseSource source, CancellationToken cancellation) =>
        (await database.WriteAsync<bool>(async tx =>
        {
            var now = clock.Now();
            if (messageId is not null && !await tx.Subscriptions.NoteMessageAsync(purchase.Platform, messageId, now, now - TimeSpan.FromDays(30)))
            {
                return false;
            }
            var owned = await tx.Subscriptions.FindAsync(purchase.Platform, purchase.PurchaseId)
                ?? (purchase.Replaces is { } former ? await tx.Subscriptions.FindAsync(purchase.Platform, former) : null);
            if (owned is null || !await IsThereAsync(tx, owned.Owner))
            {
                await NoteAsync(tx, user: null, purchase.Platform, source, "ignored", "no account has this purchase");
                return false;
            }
            await PutAsync(tx, owned.Owner, purchase, source, origin: null);
            return true;
        }, cancellation)).Value;

    /// <summary>A store knows a purchase no more: what was granted for it has ended.</summary>
    /// <returns>Whether anything was made of it.</returns>
    public async ValueTask<bool> EndAsync(StorePlatform platform, string purchaseId, string? messageId, PurchaseSource source, CancellationToken cancellation) =>
        await database.ReadAsync(tx => tx.Subscriptions.FindAsync(platform, purchaseId), cancellation) is { } known
        && await FromStoreAsync(known.Purchase with { State = PurchaseState.Expired, IsAutoRenewing = false, NeedsAcknowledgement = false, AsOf = clock.Now() }, messageId, source, cancellation);

    /// <summary>Notes that something was not taken.</summary>
    public async ValueTask RefuseAsync(UserId? user, StorePlatform? platform, PurchaseSource source, string reason, CancellationToken cancellation) =>
        await database.WriteAsync<Done>(async tx =>
        {
            await NoteAsync(tx, user, platform, source, "refused", reason);
            return default(Done);
        }, cancellation);

    private async ValueTask<SubscriptionStatus> PutAsync(ITransaction tx, UserId owner, StorePurchase purchase, PurchaseSource source, SessionId? origin)
    {
        var now = clock.Now();
        var known = await tx.Subscriptions.FindAsync(purchase.Platform, purchase.PurchaseId);
        if (known is not null && IsOlder(purchase, known.Purchase))
        {
            if (known.Owner != owner)
            {
                await tx.Subscriptions.PutAsync(known with { Owner = owner });
            }
            await NoteAsync(tx, owner, purchase.Platform, source, "ignored", "newer news of it are known");
        }
        else
        {
            await tx.Subscriptions.PutAsync(new OwnedPurchase(purchase, owner, CheckAt(purchase, now)));
            await NoteAsync(tx, owner, purchase.Platform, source, "taken", $"{purchase.ProductId}: {purchase.State}");
        }
        if (purchase.Replaces is { } former && former != purchase.PurchaseId && await tx.Subscriptions.FindAsync(purchase.Platform, former) is { } old)
        {
            await tx.Subscriptions.PutAsync(old with { Purchase = old.Purchase with { State = PurchaseState.Revoked, IsAutoRenewing = false, NeedsAcknowledgement = false }, CheckAt = null });
        }
        if (known is not null && known.Owner != owner)
        {
            await news.TellAsync(tx, known.Owner, origin: null);
        }
        return await news.TellAsync(tx, owner, origin);
    }

    /// <summary>What speaks of an earlier period is older, whenever it was said; of the same period, what was said before.</summary>
    private static bool IsOlder(StorePurchase one, StorePurchase known) =>
        one.PeriodStart is { } start && known.PeriodStart is { } knownStart && start != knownStart ? start < knownStart : one.AsOf < known.AsOf;

    /// <summary>Only Google can be asked; Apple tells by itself.</summary>
    private static DateTimeOffset? CheckAt(StorePurchase purchase, DateTimeOffset now) => purchase switch
    {
        { NeedsAcknowledgement: true } => now,
        { Platform: StorePlatform.Google, IsSubscription: true, State: PurchaseState.Pending } => now + TimeSpan.FromHours(1),
        { Platform: StorePlatform.Google, IsSubscription: true, State: PurchaseState.Active or PurchaseState.Grace, ExpiresAt: { } end } => end - _before > now ? end - _before : end > now ? end : now + _before,
        _ => null,
    };

    private async ValueTask NoteAsync(ITransaction tx, UserId? user, StorePlatform? platform, PurchaseSource source, string decision, string reason) =>
        await tx.Subscriptions.LogAsync(new SubscriptionNote(clock.Now(), user, platform, source.Word, source.Hash, decision, reason));

    private static async ValueTask<bool> IsThereAsync(ITransaction tx, UserId user) => await tx.Accounts.FindAsync(user) is { State: not AccountState.Deleted };

    private sealed record Outcome(Error? Refusal, SubscriptionStatus? Status);
}
