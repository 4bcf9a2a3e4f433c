namespace Mimu.Core.Subscriptions;

/// <summary>The words of protocol 10.2.</summary>
public enum SubscriptionState
{
    None,
    Active,
    Grace,
    Expired,
    Revoked,
    Granted,
}

/// <summary>What an account has subscribed to (protocol 10.2).</summary>
/// <param name="State">In a word.</param>
/// <param name="Platform">The store; null for none.</param>
/// <param name="ProductId">The product; null for none.</param>
/// <param name="ExpiresAt">Until when; null for good, or for nothing.</param>
/// <param name="IsAutoRenewing">Whether the store means to renew it.</param>
public sealed record SubscriptionStatus(SubscriptionState State, StorePlatform? Platform, string? ProductId, DateTimeOffset? ExpiresAt, bool IsAutoRenewing)
{
    /// <summary>
    /// How long the last that a store said stands when it was to be renewed, its time is over, and the store has not said more: it may be out of reach, or its message late.
    /// </summary>
    public static readonly TimeSpan Benefit = TimeSpan.FromHours(24);

    public static SubscriptionStatus None { get; } = new(SubscriptionState.None, Platform: null, ProductId: null, ExpiresAt: null, IsAutoRenewing: false);

    /// <summary>Every account is premium: a self-hosted server's default.</summary>
    public static SubscriptionStatus Everyones { get; } = None with { State = SubscriptionState.Granted };

    /// <summary>Whether it makes premium.</summary>
    public bool IsActive => State is SubscriptionState.Active or SubscriptionState.Grace or SubscriptionState.Granted;

    /// <summary>The status at a moment: a gift before a purchase, and of several purchases the one that grants most.</summary>
    public static SubscriptionStatus Of(IReadOnlyList<OwnedPurchase> purchases, DateTimeOffset? grantedUntil, DateTimeOffset now)
    {
        if (grantedUntil > now)
        {
            return None with { State = SubscriptionState.Granted, ExpiresAt = grantedUntil };
        }
        return purchases.Select(owned => OfOne(owned.Purchase, now)).OrderByDescending(status => Rank(status.State)).ThenByDescending(status => status.ExpiresAt ?? DateTimeOffset.MaxValue)
            .FirstOrDefault(None);
    }

    /// <summary>When the status may change though no store says anything; null for never.</summary>
    public static DateTimeOffset? ChangesAt(IReadOnlyList<OwnedPurchase> purchases, DateTimeOffset? grantedUntil, DateTimeOffset now)
    {
        var ends = purchases.Select(owned => EndOf(owned.Purchase)).Append(grantedUntil).Where(end => end > now).ToList();
        return ends.Count > 0 ? ends.Min() : null;
    }

    private static SubscriptionStatus OfOne(StorePurchase purchase, DateTimeOffset now)
    {
        var state = purchase.State switch
        {
            PurchaseState.Active or PurchaseState.Grace when EndOf(purchase) <= now => SubscriptionState.Expired,
            PurchaseState.Active => SubscriptionState.Active,
            PurchaseState.Grace => SubscriptionState.Grace,
            PurchaseState.Revoked => SubscriptionState.Revoked,
            PurchaseState.Pending => SubscriptionState.None,
            _ => SubscriptionState.Expired,
        };
        return state is SubscriptionState.None ? None
            : new SubscriptionStatus(state, purchase.Platform, purchase.ProductId, purchase.ExpiresAt, purchase.IsAutoRenewing && state is not (SubscriptionState.Expired or SubscriptionState.Revoked));
    }

    /// <summary>When what a purchase grants is over for good.</summary>
    private static DateTimeOffset? EndOf(StorePurchase purchase) => purchase.State is not (PurchaseState.Active or PurchaseState.Grace) ? null
        : purchase.IsAutoRenewing ? purchase.ExpiresAt + Benefit
        : purchase.ExpiresAt;

    private static int Rank(SubscriptionState state) => state switch
    {
        SubscriptionState.Active => 4,
        SubscriptionState.Grace => 3,
        SubscriptionState.Expired => 2,
        SubscriptionState.Revoked => 1,
        _ => 0,
    };
}
