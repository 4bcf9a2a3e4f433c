using Mimu.Appliance.Configuration;

namespace Mimu.Appliance.Subscriptions;

/// <summary>What an account has subscribed to (protocol 10.2).</summary>
internal sealed record SubscriptionBody(
    bool Active, string Tier, string State, string? Platform, string? ProductId, string? ExpiresAt, bool AutoRenewing)
{
    /// <summary>Every account is premium: a self-hosted server's default.</summary>
    private static readonly SubscriptionBody _granted = new(Active: true, "premium", "granted", Platform: null, ProductId: null, ExpiresAt: null, AutoRenewing: false);

    /// <summary>Nothing was bought; nothing can be yet.</summary>
    private static readonly SubscriptionBody _none = new(Active: false, "free", "none", Platform: null, ProductId: null, ExpiresAt: null, AutoRenewing: false);

    /// <summary>Null where there are no subscriptions.</summary>
    public static SubscriptionBody? Of(SubscriptionMode mode) => mode switch
    {
        SubscriptionMode.Everyone => _granted,
        SubscriptionMode.Stores => _none,
        SubscriptionMode.Off => null,
        _ => throw new ArgumentOutOfRangeException(nameof(mode)),
    };
}
