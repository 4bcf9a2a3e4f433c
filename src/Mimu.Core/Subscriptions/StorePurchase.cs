namespace Mimu.Core.Subscriptions;

/// <summary>The stores that sell subscriptions (protocol 10.1). The numbers are in the database.</summary>
public enum StorePlatform
{
    Apple = 1,
    Google = 2,
}

/// <summary>What a store says of a purchase (protocol 10.2). The numbers are in the database.</summary>
public enum PurchaseState
{
    /// <summary>It is paid for, until <see cref="StorePurchase.ExpiresAt"/>.</summary>
    Active = 1,

    /// <summary>Its renewal failed, and the store still grants it, until <see cref="StorePurchase.ExpiresAt"/>.</summary>
    Grace = 2,

    /// <summary>Its time is over.</summary>
    Expired = 3,

    /// <summary>It was refunded, taken back or replaced by another.</summary>
    Revoked = 4,

    /// <summary>It is not paid for yet, or put on hold: it grants nothing at the moment.</summary>
    Pending = 5,
}

/// <summary>A purchase as its store vouches for it: signed by Apple, or just looked up at Google.</summary>
/// <param name="Platform">Whose store it is.</param>
/// <param name="PurchaseId">Its name through all renewals: Apple's <c>originalTransactionId</c>, Google's purchase token.</param>
/// <param name="ProductId">What was bought.</param>
/// <param name="State">What it grants.</param>
/// <param name="ExpiresAt">Until when; null for what was bought for good.</param>
/// <param name="IsAutoRenewing">Whether the store means to renew it.</param>
/// <param name="BoughtFor">The account that the app named when it was bought; null when it named none.</param>
/// <param name="AsOf">When the store said so: what is older never replaces what is newer.</param>
public sealed record StorePurchase(
    StorePlatform Platform, string PurchaseId, string ProductId, PurchaseState State, DateTimeOffset? ExpiresAt, bool IsAutoRenewing, UserId? BoughtFor, DateTimeOffset AsOf)
{
    /// <summary>The purchase that this one takes the place of (Google's <c>linkedPurchaseToken</c>); null for none.</summary>
    public string? Replaces { get; init; }

    /// <summary>Whether the store takes it back unless it is told that it was delivered (Google: within three days).</summary>
    public bool NeedsAcknowledgement { get; init; }

    /// <summary>Whether it is a subscription and not a product that is bought once: Google has different routes for them.</summary>
    public bool IsSubscription { get; init; } = true;

    /// <summary>
    /// When the period began that it speaks of (Apple's <c>purchaseDate</c>); null where a store speaks of the purchase as a whole. What speaks of an earlier period never replaces what speaks
    /// of a later one, whichever was said last: devices also show the periods that are over, signed just now.
    /// </summary>
    public DateTimeOffset? PeriodStart { get; init; }

    /// <summary>Without what names the purchase, so that none gets into a log.</summary>
    public override string ToString() => $"{Platform} {ProductId} {State}";
}
