using System.Globalization;
using System.Text.Json;
using Mimu.Appliance.Outside;
using Mimu.Core;
using Mimu.Core.Subscriptions;

namespace Mimu.Appliance.Subscriptions;

/// <summary>
/// Reads purchases as the Play Developer API writes them: leniently, but what is not understood grants nothing. Test purchases are taken like others: only the testers whom the app's
/// own developer names in Play Console can make them.
/// </summary>
/// <param name="token">The purchase token.</param>
/// <param name="products">The products that make premium. None: all of this app.</param>
/// <param name="asOf">When it was looked up.</param>
internal sealed class GooglePlayPurchase(string token, string[] products, DateTimeOffset asOf)
{
    private const string States = "SUBSCRIPTION_STATE_";

    /// <summary>Whether a product makes premium.</summary>
    public static bool Counts(string[] products, string product) => products.Length == 0 || Array.IndexOf(products, product) >= 0;

    /// <summary>A <c>SubscriptionPurchaseV2</c>; null if it is not understood.</summary>
    public PlayAnswer? ReadSubscription(JsonElement json)
    {
        if (!json.TryGetProperty("lineItems", out var items) || items.ValueKind is not JsonValueKind.Array || items.GetArrayLength() == 0)
        {
            return null;
        }
        if (LatestOf(items) is not ({ } product, var expires, var renews))
        {
            return new PlayInvalid("It is a subscription to a product that is not in subscriptions.google.product_ids");
        }
        var word = OutsideAnswer.Text(json, "subscriptionState") is { } text && text.StartsWith(States, StringComparison.Ordinal) ? text[States.Length..] : null;
        var state = word switch
        {
            "ACTIVE" => PurchaseState.Active,
            "IN_GRACE_PERIOD" => PurchaseState.Grace,
            // Won't be renewed, and is paid for until then.
            "CANCELED" => expires <= asOf ? PurchaseState.Expired : PurchaseState.Active,
            "EXPIRED" or "PENDING_PURCHASE_CANCELED" => PurchaseState.Expired,
            // PENDING, PAUSED, ON_HOLD, and what will be invented.
            _ => PurchaseState.Pending,
        };
        var grants = state is PurchaseState.Active or PurchaseState.Grace;
        if (grants && expires is null)
        {
            // Without an end it would be for good.
            return null;
        }
        return new PlayFound(new StorePurchase(StorePlatform.Google, token, product, state, expires, renews && word is not "CANCELED" && state is not PurchaseState.Expired,
            json.TryGetProperty("externalAccountIdentifiers", out var account) ? BuyerIn(account) : null, asOf)
        {
            // While a change is not paid for, and after it failed, the purchase before it stands.
            Replaces = word is "PENDING" or "PENDING_PURCHASE_CANCELED" ? null : LinkIn(json),
            NeedsAcknowledgement = grants && OutsideAnswer.Text(json, "acknowledgementState") == "ACKNOWLEDGEMENT_STATE_PENDING",
        });
    }

    /// <summary>A <c>ProductPurchase</c>; null if it is not understood. Whether it was consumed is the app's business: it was paid for all the same.</summary>
    /// <param name="json">The purchase.</param>
    /// <param name="product">The product that it was looked up with.</param>
    public PlayAnswer? ReadProduct(JsonElement json, string product)
    {
        if (OutsideAnswer.Text(json, "productId") is { } other && other != product)
        {
            return new PlayInvalid("It is a purchase of another product");
        }
        if (NumberIn(json, "purchaseState") is not { } number)
        {
            return null;
        }
        var state = number switch
        {
            0 => PurchaseState.Active,
            1 => PurchaseState.Revoked,
            // 2 is pending; and what will be invented.
            _ => PurchaseState.Pending,
        };
        return new PlayFound(new StorePurchase(StorePlatform.Google, token, product, state, null, false, BuyerIn(json), asOf)
        {
            NeedsAcknowledgement = state is PurchaseState.Active && NumberIn(json, "acknowledgementState") == 0,
            IsSubscription = false,
        });
    }

    /// <summary>Of the line items that count the one that ends last; null if there is none.</summary>
    private (string Product, DateTimeOffset? Expires, bool Renews)? LatestOf(JsonElement items)
    {
        (string Product, DateTimeOffset? Expires, bool Renews)? latest = null;
        foreach (var item in items.EnumerateArray())
        {
            if (OutsideAnswer.Text(item, "productId") is not { } product || !PlayNames.IsProduct(product) || !Counts(products, product))
            {
                continue;
            }
            var expires = TimeIn(item, "expiryTime");
            if (latest is null || (expires ?? DateTimeOffset.MinValue) > (latest.Value.Expires ?? DateTimeOffset.MinValue))
            {
                latest = (product, expires, item.TryGetProperty("autoRenewingPlan", out var plan) && plan.ValueKind is JsonValueKind.Object
                    && plan.TryGetProperty("autoRenewEnabled", out var renews) && renews.ValueKind is JsonValueKind.True);
            }
        }
        return latest;
    }

    private string? LinkIn(JsonElement json) => OutsideAnswer.Text(json, "linkedPurchaseToken") is { } link && PlayNames.IsToken(link) && link != token ? link : null;

    /// <summary>The account that the app named; whatever else it put there is none of this server's.</summary>
    private static UserId? BuyerIn(JsonElement json) =>
        OutsideAnswer.Text(json, "obfuscatedExternalAccountId") is { } text && Guid.TryParseExact(text, "D", out var id) ? new UserId(id) : null;

    /// <summary>RFC 3339, with up to nine digits of a second.</summary>
    private static DateTimeOffset? TimeIn(JsonElement json, string name) => OutsideAnswer.Text(json, name) is { } text
        && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time) ? time : null;

    private static int? NumberIn(JsonElement json, string name) =>
        json.TryGetProperty(name, out var value) && value.ValueKind is JsonValueKind.Number && value.TryGetInt32(out var number) ? number : null;
}
