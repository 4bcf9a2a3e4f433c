using Mimu.Appliance.Configuration;
using Mimu.Core.Subscriptions;

namespace Mimu.Appliance.Subscriptions;

/// <summary>What subscriptions need: their rules, the ways to the stores, and who looks after them.</summary>
internal static class SubscriptionParts
{
    public static void AddSubscriptions(this IServiceCollection services, MimuOptions options)
    {
        services.AddSingleton(provider => new Subscribers(ModeOf(options), provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<SubscriptionNews>();
        services.AddSingleton<TakePurchase>();
    }

    public static PremiumMode ModeOf(MimuOptions options) => options.Subscriptions.Mode switch
    {
        SubscriptionMode.Everyone => PremiumMode.Everyone,
        SubscriptionMode.Stores => PremiumMode.Stores,
        SubscriptionMode.Off => PremiumMode.Off,
        _ => throw new ArgumentOutOfRangeException(nameof(options)),
    };
}
