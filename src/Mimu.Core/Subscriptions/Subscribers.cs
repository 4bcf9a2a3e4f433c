using Mimu.Core.Storage;

namespace Mimu.Core.Subscriptions;

/// <summary>Who is premium (<c>subscriptions.mode</c>).</summary>
public enum SubscriptionMode
{
    /// <summary>Every account.</summary>
    Everyone,

    /// <summary>Whoever has bought it in an app store, or was given it.</summary>
    Stores,

    /// <summary>Nobody: there are no subscriptions, their routes answer 404.</summary>
    Off,
}

/// <summary>Says who is premium.</summary>
public sealed class Subscribers(SubscriptionMode mode, TimeProvider clock)
{
    public SubscriptionMode Mode => mode;

    /// <summary>An account's status at this moment; null where there are no subscriptions.</summary>
    public async ValueTask<SubscriptionStatus?> StatusOfAsync(ITransaction tx, UserId user) => mode switch
    {
        SubscriptionMode.Everyone => SubscriptionStatus.Everyones,
        SubscriptionMode.Off => null,
        _ => SubscriptionStatus.Of(await tx.Subscriptions.ListAsync(user), await tx.Subscriptions.FindGrantAsync(user), clock.Now()),
    };
}
