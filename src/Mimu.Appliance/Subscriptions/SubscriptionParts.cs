using Mimu.Appliance.Admin;
using Mimu.Appliance.Configuration;
using Mimu.Core.Storage;
using Mimu.Core.Subscriptions;
using Mimu.Core.Subscriptions.Apple;

namespace Mimu.Appliance.Subscriptions;

/// <summary>What subscriptions need: their rules, the ways to the stores, and who looks after them.</summary>
internal static class SubscriptionParts
{
    public static void AddSubscriptions(this IServiceCollection services, MimuOptions options)
    {
        services.AddSingleton(provider => new Subscribers(options.Subscriptions.Mode, provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<SubscriptionNews>();
        services.AddSingleton<TakePurchase>();
        services.AddSingleton(provider => StoresOf(options.Subscriptions, provider));
        services.AddSingleton<Receipts>();
        services.AddSingleton<GrantPremium>();
        services.AddSingleton<SubscriptionVerbs>();
        services.AddSingleton(CheckOf);
        services.AddSingleton<SubscriptionWorker>();
        services.AddHostedService(provider => provider.GetRequiredService<SubscriptionWorker>());
    }

    private static CheckPurchases CheckOf(IServiceProvider provider) => new(provider.GetRequiredService<IDatabase>(), provider.GetRequiredService<TakePurchase>(),
        provider.GetRequiredService<SubscriptionNews>(), provider.GetRequiredService<Stores>().Google, provider.GetRequiredService<TimeProvider>());

    private static Stores StoresOf(SubscriptionsOptions options, IServiceProvider provider)
    {
        var (apple, google) = (options.Apple, options.Google);
        return new Stores(
            apple.BundleId.Length == 0 ? null : new AppleApp(apple.BundleId, apple.ProductIds, apple.AllowSandbox,
                apple.RootCertificateFile.Length == 0 ? AppleRoot.Pinned() : AppleRoot.Parse(File.ReadAllText(apple.RootCertificateFile))),
            google.PackageName.Length == 0 || google.CredentialsFile.Length == 0 ? null
                : GooglePlayStore.Of(google, provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<GooglePlayStore>>()),
            google.PackageName, google.NotificationToken);
    }
}
