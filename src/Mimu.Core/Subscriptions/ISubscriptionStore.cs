namespace Mimu.Core.Subscriptions;

/// <summary>What accounts have bought and were given.</summary>
public interface ISubscriptionStore
{
    /// <summary>A purchase, and whose it is; null if there is none.</summary>
    ValueTask<OwnedPurchase?> FindAsync(StorePlatform platform, string purchaseId);

    /// <summary>Somebody's purchases.</summary>
    ValueTask<IReadOnlyList<OwnedPurchase>> ListAsync(UserId user);

    /// <summary>Adds a purchase, or puts it in the place of what was known of it.</summary>
    ValueTask PutAsync(OwnedPurchase purchase);

    /// <summary>Purchases that the store is to be asked about, the longest due first.</summary>
    ValueTask<IReadOnlyList<OwnedPurchase>> ListDueAsync(DateTimeOffset now, int limit);

    /// <summary>Until when an administrator has given somebody premium; null for no such gift.</summary>
    ValueTask<DateTimeOffset?> FindGrantAsync(UserId user);

    /// <summary>Gives premium until a moment, or takes the gift back with null; false if there was none to take.</summary>
    ValueTask<bool> GrantAsync(UserId user, DateTimeOffset? until, DateTimeOffset now);

    /// <summary>What somebody was last told of their status; null if nothing.</summary>
    ValueTask<string?> FindToldAsync(UserId user);

    /// <summary>Notes what somebody was told, and when it may change by itself; null for never.</summary>
    ValueTask ToldAsync(UserId user, string told, DateTimeOffset? changesAt);

    /// <summary>Whose status may have changed by itself.</summary>
    ValueTask<IReadOnlyList<UserId>> ListChangingAsync(DateTimeOffset now, int limit);

    /// <summary>Notes a message of a store; false if it was noted before. Those from before <paramref name="forgetBefore"/> are forgotten.</summary>
    ValueTask<bool> NoteMessageAsync(StorePlatform platform, string messageId, DateTimeOffset now, DateTimeOffset forgetBefore);

    /// <summary>Adds to what an administrator can look up.</summary>
    ValueTask LogAsync(SubscriptionNote note);

    /// <summary>What was noted of somebody, the last first.</summary>
    ValueTask<IReadOnlyList<SubscriptionNote>> ListLogAsync(UserId user, int limit);
}

/// <summary>A purchase, whose it is, and when the store is to be asked again; null for never.</summary>
public sealed record OwnedPurchase(StorePurchase Purchase, UserId Owner, DateTimeOffset? CheckAt);

/// <summary>What was seen of a subscription, and what was decided.</summary>
/// <param name="At">When.</param>
/// <param name="User">Of whom; null if that is not known.</param>
/// <param name="Platform">Which store; null for none.</param>
/// <param name="Source">Where it came from: <c>purchase</c>, <c>notification</c>, <c>check</c>, <c>admin</c>.</param>
/// <param name="ReceiptHash">SHA-256 of what was sent, 32 bytes; null for nothing.</param>
/// <param name="Decision">In a word.</param>
/// <param name="Reason">For a person.</param>
public sealed record SubscriptionNote(DateTimeOffset At, UserId? User, StorePlatform? Platform, string Source, byte[]? ReceiptHash, string Decision, string Reason);
