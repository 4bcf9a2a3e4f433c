using Mimu.Core;
using Mimu.Core.Subscriptions;
using Mimu.Core.Subscriptions.Apple;

namespace Mimu.Appliance.Subscriptions;

/// <summary>A purchase that a client shows (protocol 10.1).</summary>
internal sealed record PurchaseCommand(StorePlatform Platform, string? ProductId, string Receipt);

/// <summary>Checks what clients and stores send about purchases, with the stores' own word.</summary>
/// <param name="take">What is made of it.</param>
/// <param name="subscribers">Who is premium.</param>
/// <param name="stores">The stores that the settings name.</param>
/// <param name="clock">The time.</param>
internal sealed class Receipts(TakePurchase take, Subscribers subscribers, Stores stores, TimeProvider clock) : IDisposable
{
    /// <summary>One of Apple's messages is checked at a time: anybody can send some, and certificates cost the processor.</summary>
    private readonly SemaphoreSlim _turn = new(1);

    /// <returns>The caller's status; <c>receipt_invalid</c>, <c>receipt_in_use</c>, <c>store_unavailable</c>.</returns>
    public async ValueTask<Result<SubscriptionStatus>> TakeAsync(Caller caller, PurchaseCommand command, CancellationToken cancellation)
    {
        var source = new PurchaseSource(PurchaseSource.Purchase, command.Receipt);
        switch (command.Platform)
        {
            case StorePlatform.Apple when stores.Apple is { } app:
                return AppleTransactions.Verify(command.Receipt, app, clock.Now()).Succeeded(out var signed, out var refusal)
                    ? await StoreAsync(caller, command, signed, source, cancellation)
                    : await RefuseAsync(caller, command.Platform, source, refusal.Sentence(), cancellation);
            case StorePlatform.Google when stores.Google is { } play:
                return await play.LookUpAsync(command.Receipt, command.ProductId, cancellation) switch
                {
                    PlayFound found => await StoreAsync(caller, command, found.Purchase, source, cancellation),
                    PlayInvalid invalid => await RefuseAsync(caller, command.Platform, source, invalid.Reason, cancellation),
                    _ => Errors.StoreUnavailable,
                };
            default:
                // Where everybody is premium, nobody need have bought it.
                return subscribers.Mode is SubscriptionMode.Everyone
                    ? SubscriptionStatus.Everyones
                    : new ValidationFailed([new Fault("platform", "must be one whose purchases this server takes")]);
        }
    }

    /// <summary>An App Store Server Notification V2.</summary>
    /// <returns>Whether anything was made of it; <c>unauthorized</c> if Apple does not vouch for it.</returns>
    public async ValueTask<Result<bool>> TakeAppleAsync(string signedPayload, CancellationToken cancellation)
    {
        var source = new PurchaseSource(PurchaseSource.Notification, signedPayload);
        if (stores.Apple is not { } app)
        {
            return Errors.Unauthorized.Because("This server takes no purchases of Apple's.");
        }
        await _turn.WaitAsync(cancellation);
        AppleResult<AppleNotification> verified;
        try
        {
            verified = AppleNotifications.Verify(signedPayload, app, clock.Now());
        }
        finally
        {
            _turn.Release();
        }
        if (!verified.Succeeded(out var notification, out var refusal))
        {
            await take.RefuseAsync(user: null, StorePlatform.Apple, source, refusal.Sentence(), cancellation);
            return Errors.Unauthorized.Because("Apple does not vouch for this.");
        }
        return notification.Purchase is { } purchase && await take.FromStoreAsync(purchase, notification.Id.ToString(), source, cancellation);
    }

    /// <summary>A real-time developer notification, of which nothing is believed but which purchase to look up.</summary>
    /// <returns>Whether anything was made of it; <c>unauthorized</c>, <c>malformed_request</c>, <c>store_unavailable</c>.</returns>
    public async ValueTask<Result<bool>> TakeGoogleAsync(string? token, ReadOnlyMemory<byte> body, CancellationToken cancellation)
    {
        if (stores.Google is not { } play || !SharedToken.IsShown(token, stores.NotificationToken))
        {
            return Errors.Unauthorized.Because("The `token` of subscriptions.google.notification_token is needed.");
        }
        if (!GoogleNotification.Read(body).Succeeded(out var notification, out var fault))
        {
            return fault;
        }
        if (notification.PackageName != stores.PackageName || notification.PurchaseToken is not { } purchaseToken)
        {
            return false;
        }
        var source = new PurchaseSource(PurchaseSource.Notification, purchaseToken);
        switch (await play.LookUpAsync(purchaseToken, notification.IsSubscription ? null : notification.ProductId, cancellation))
        {
            case PlayFound found:
                return await take.FromStoreAsync(found.Purchase, notification.MessageId, source, cancellation);
            case PlayInvalid invalid:
                if (invalid.IsGone)
                {
                    return await take.EndAsync(StorePlatform.Google, purchaseToken, notification.MessageId, source, cancellation);
                }
                await take.RefuseAsync(user: null, StorePlatform.Google, source, invalid.Reason, cancellation);
                return false;
            default:
                return Errors.StoreUnavailable;
        }
    }

    public void Dispose() => _turn.Dispose();

    private async ValueTask<Result<SubscriptionStatus>> StoreAsync(Caller caller, PurchaseCommand command, StorePurchase purchase, PurchaseSource source, CancellationToken cancellation) =>
        command.ProductId is { } product && product != purchase.ProductId
            ? await RefuseAsync(caller, command.Platform, source, "it is of another product than the client says", cancellation)
            : await take.ForCallerAsync(caller, purchase, source, cancellation);

    private async ValueTask<Result<SubscriptionStatus>> RefuseAsync(Caller caller, StorePlatform platform, PurchaseSource source, string reason, CancellationToken cancellation)
    {
        await take.RefuseAsync(caller.UserId, platform, source, reason, cancellation);
        return Errors.ReceiptInvalid;
    }
}

/// <summary>The stores whose purchases this server takes.</summary>
/// <param name="Apple">The app in Apple's; null for none.</param>
/// <param name="Google">The way to Google's; null for none.</param>
/// <param name="PackageName">The app in Google's.</param>
/// <param name="NotificationToken">What Google's messages must show; "" for none, which takes none.</param>
internal sealed record Stores(AppleApp? Apple, IPlayStore? Google, string PackageName, string NotificationToken);
