namespace Mimu.Core.Subscriptions.Apple;

/// <summary>The <c>data</c> of a notification: a transaction, and what is to become of its subscription (<c>JWSRenewalInfoDecodedPayload</c>), each signed by itself.</summary>
internal static class AppleNotificationData
{
    /// <summary><c>status</c> (App Store Server API): the billing grace period.</summary>
    private const int InGracePeriod = 4;

    /// <summary>The notification with its purchase, or why it does not count.</summary>
    /// <exception cref="FormatException">A member is of another type.</exception>
    public static AppleResult<AppleNotification> Read(AppleFields data, AppleNotification notification, AppleApp app, DateTimeOffset now)
    {
        if (data.Text("signedTransactionInfo") is not { } transaction)
        {
            return notification;
        }
        if (!AppleVerifier.Verify(transaction, app.Root, now).Succeeded(out var signed, out var refusal))
        {
            return refusal;
        }
        if (!AppleTransactions.Read(signed, app, now).Succeeded(out var purchase, out refusal))
        {
            // Apple tells of all that an app sells. It is no forgery that something else was sold.
            return refusal is AppleRefusal.OtherProduct or AppleRefusal.OtherProductType ? notification : refusal;
        }
        if (signed.Payload.Environment() != notification.Environment)
        {
            return AppleRefusal.PartsDisagree;
        }
        if (data.Text("signedRenewalInfo") is { } renewal)
        {
            if (!AppleVerifier.Verify(renewal, app.Root, now).Succeeded(out signed, out refusal))
            {
                return refusal;
            }
            // What is to be renewed does not name its app.
            if (signed.Payload.Environment() != notification.Environment || signed.Payload.Text("originalTransactionId") != purchase.PurchaseId)
            {
                return AppleRefusal.PartsDisagree;
            }
            purchase = Renew(purchase, signed.Payload, notification.Type, data.Integer("status") == InGracePeriod, now);
        }
        return notification with { Purchase = After(notification.Type, purchase) with { AsOf = notification.SignedAt } };
    }

    private static StorePurchase Renew(StorePurchase purchase, AppleFields renewal, string type, bool inGracePeriod, DateTimeOffset now)
    {
        var autoRenews = renewal.Integer("autoRenewStatus") == 1;
        var graceUntil = renewal.Time("gracePeriodExpiresDate");
        inGracePeriod |= renewal.Flag("isInBillingRetryPeriod");
        if (purchase.State == PurchaseState.Revoked || !purchase.IsSubscription)
        {
            return purchase;
        }
        // Grace begins up to a day before the end, when the first try to renew fails, and nothing more is told when the end comes.
        return inGracePeriod && graceUntil > now && graceUntil > purchase.ExpiresAt && !IsOver(type)
            ? purchase with { State = PurchaseState.Grace, ExpiresAt = graceUntil, IsAutoRenewing = autoRenews }
            : purchase with { IsAutoRenewing = autoRenews };
    }

    /// <summary>What the type says by itself. All others leave it to the transaction, also <c>REFUND_REVERSED</c>: it is then without a revocation.</summary>
    private static StorePurchase After(string type, StorePurchase purchase) =>
        type is "REFUND" or "REVOKE" ? purchase with { State = PurchaseState.Revoked, IsAutoRenewing = false }
        : IsOver(type) && purchase.State != PurchaseState.Revoked ? purchase with { State = PurchaseState.Expired }
        : purchase;

    private static bool IsOver(string type) => type is "EXPIRED" or "GRACE_PERIOD_EXPIRED";
}
