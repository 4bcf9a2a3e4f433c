namespace Mimu.Core.Subscriptions;

/// <summary>Google Play, asked for purchases (protocol 10.1). From any thread, many at a time.</summary>
public interface IPlayStore
{
    /// <summary>Looks a purchase up. What goes wrong is an answer too.</summary>
    /// <param name="purchaseToken">The purchase token, as whoever sent it; it may be anything.</param>
    /// <param name="productId">
    /// What was bought, as whoever sent it; null if that is not known. A one-time product is found with it alone; of a subscription Google says itself what it is, and this is not compared.
    /// </param>
    /// <param name="cancellation">Ends it early, with an <see cref="OperationCanceledException"/>.</param>
    ValueTask<PlayAnswer> LookUpAsync(string purchaseToken, string? productId, CancellationToken cancellation);

    /// <summary>
    /// Tells Google that the purchase was delivered: within three days, or Google takes it back. To be done after it is stored, and again until it is done.
    /// </summary>
    /// <param name="purchase">The purchase: its <see cref="StorePurchase.PurchaseId"/>, <see cref="StorePurchase.ProductId"/> and <see cref="StorePurchase.IsSubscription"/>. One that is
    /// <see cref="PurchaseState.Pending"/> is not acknowledged.</param>
    /// <param name="cancellation">Ends it early, with an <see cref="OperationCanceledException"/>.</param>
    /// <returns>Whether it is done; it may have been before.</returns>
    ValueTask<bool> AcknowledgeAsync(StorePurchase purchase, CancellationToken cancellation);
}
