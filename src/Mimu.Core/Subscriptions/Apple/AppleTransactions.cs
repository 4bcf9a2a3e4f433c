namespace Mimu.Core.Subscriptions.Apple;

/// <summary>StoreKit 2's signed transactions (<c>JWSTransactionDecodedPayload</c>): what a device shows as its receipt, and what is inside notifications.</summary>
public static class AppleTransactions
{
    /// <summary>The longest id, of a purchase or a product. Apple's have some 15 digits and at most 100 characters (App Store Connect).</summary>
    private const int MaxId = 255;

    /// <summary>The purchase that Apple vouches for, with its state at <paramref name="now"/>, or why it does not count.</summary>
    /// <remarks>
    /// A transaction does not tell whether it will be renewed: a subscription that lasts is taken for one that renews until a notification says something else. One that the family shares is a
    /// purchase of its own, with its own id: whoever sells decided that it is for families, and Apple takes it back when the family ends.
    /// </remarks>
    public static AppleResult<StorePurchase> Verify(string jws, AppleApp app, DateTimeOffset now) =>
        AppleVerifier.Verify(jws, app.Root, now).Succeeded(out var data, out var refusal) ? Read(data, app, now) : refusal;

    /// <summary>The same of what has been verified.</summary>
    internal static AppleResult<StorePurchase> Read(AppleSignedData data, AppleApp app, DateTimeOffset now)
    {
        try
        {
            return Read(data.Payload, data.SignedAt, app, now);
        }
        catch (FormatException)
        {
            return AppleRefusal.PayloadUnreadable;
        }
    }

    private static AppleResult<StorePurchase> Read(AppleFields fields, DateTimeOffset signedAt, AppleApp app, DateTimeOffset now)
    {
        if (app.Check(fields.Text("bundleId"), fields.Environment()) is { } refusal)
        {
            return refusal;
        }
        if (fields.Text("originalTransactionId") is not { Length: > 0 and <= MaxId } purchaseId || fields.Text("productId") is not { Length: > 0 and <= MaxId } productId)
        {
            return AppleRefusal.Incomplete;
        }
        var type = fields.Text("type");
        if (type is not ("Auto-Renewable Subscription" or "Non-Renewing Subscription" or "Non-Consumable"))
        {
            return AppleRefusal.OtherProductType;
        }
        if (!app.ProductIds.Contains(productId, StringComparer.Ordinal))
        {
            return AppleRefusal.OtherProduct;
        }
        var isSubscription = type == "Auto-Renewable Subscription";
        var expiresAt = fields.Time("expiresDate");
        if (isSubscription && expiresAt is null)
        {
            return AppleRefusal.Incomplete;
        }
        if (!TryAccount(fields.Text("appAccountToken"), out var boughtFor))
        {
            return AppleRefusal.AccountTokenUnreadable;
        }
        var state = fields.Time("revocationDate") is not null || fields.Flag("isUpgraded") ? PurchaseState.Revoked
            : expiresAt <= now ? PurchaseState.Expired
            : PurchaseState.Active;
        return new StorePurchase(StorePlatform.Apple, purchaseId, productId, state, expiresAt, isSubscription && state == PurchaseState.Active, boughtFor, signedAt)
        {
            IsSubscription = isSubscription,
            PeriodStart = fields.Time("purchaseDate"),
        };
    }

    /// <summary>Apps give a UUID, which Apple passes on; Swift writes them in upper case.</summary>
    private static bool TryAccount(string? token, out UserId? account)
    {
        account = null;
        if (token is null)
        {
            return true;
        }
        if (!Ids.TryParse(token.ToLowerInvariant(), out var id))
        {
            return false;
        }
        account = new UserId(id);
        return true;
    }
}
