using Mimu.Appliance.Http;
using Mimu.Core.Subscriptions;

namespace Mimu.Appliance.Subscriptions;

/// <summary>What an account has subscribed to (protocol 10.2).</summary>
internal sealed record SubscriptionBody(
    bool Active, string Tier, string State, string? Platform, string? ProductId, string? ExpiresAt, bool AutoRenewing)
{
    public static SubscriptionBody From(SubscriptionStatus status) => new(
        status.IsActive, status.IsActive ? "premium" : "free", WordOf(status.State), status.Platform is { } platform ? WordOf(platform) : null, status.ProductId,
        status.ExpiresAt is { } end ? Wire.Time(end) : null, status.IsAutoRenewing);

    public static string WordOf(StorePlatform platform) => platform is StorePlatform.Apple ? "apple" : "google";

    private static string WordOf(SubscriptionState state) => state switch
    {
        SubscriptionState.None => "none",
        SubscriptionState.Active => "active",
        SubscriptionState.Grace => "grace",
        SubscriptionState.Expired => "expired",
        SubscriptionState.Revoked => "revoked",
        SubscriptionState.Granted => "granted",
        _ => throw new ArgumentOutOfRangeException(nameof(state)),
    };
}
