namespace Mimu.Core.Subscriptions.Apple;

/// <summary>What Apple tells by itself (App Store Server Notifications V2).</summary>
/// <param name="Id">Its <c>notificationUUID</c>: when Apple tries again it is the same.</param>
/// <param name="Type">What happened, e.g. <c>DID_RENEW</c>. New ones come.</param>
/// <param name="Subtype">More of that, e.g. <c>BILLING_RECOVERY</c>; null for no more.</param>
/// <param name="SignedAt">When Apple said so. Notifications come in any order.</param>
/// <param name="Environment">Where it happened.</param>
/// <param name="Purchase">The purchase as it is after that; null when it is about none, or none that makes premium.</param>
public sealed record AppleNotification(Guid Id, string Type, string? Subtype, DateTimeOffset SignedAt, AppleEnvironment Environment, StorePurchase? Purchase);

/// <summary>Reads App Store Server Notifications V2 (<c>responseBodyV2DecodedPayload</c>).</summary>
public static class AppleNotifications
{
    /// <summary>The longest word that is taken for a type.</summary>
    private const int MaxWord = 64;

    /// <summary>The objects of which a notification has one, each with the app that it is about. Only the first has purchases.</summary>
    private static readonly string[] _bodies = ["data", "summary", "appData", "externalPurchaseToken"];

    /// <summary>The notification that Apple vouches for, with the purchase's state at <paramref name="now"/>, or why it does not count.</summary>
    public static AppleResult<AppleNotification> Verify(string signedPayload, AppleApp app, DateTimeOffset now)
    {
        if (!AppleVerifier.Verify(signedPayload, app.Root, now).Succeeded(out var data, out var refusal))
        {
            return refusal;
        }
        try
        {
            return Read(data, app, now);
        }
        catch (FormatException)
        {
            return AppleRefusal.PayloadUnreadable;
        }
    }

    private static AppleResult<AppleNotification> Read(AppleSignedData data, AppleApp app, DateTimeOffset now)
    {
        var fields = data.Payload;
        if (Body(fields) is not { } body || !Guid.TryParseExact(fields.Text("notificationUUID"), "D", out var id)
            || fields.Text("notificationType") is not { } type || !IsWord(type) || (fields.Text("subtype") is { } subtype && !IsWord(subtype)))
        {
            return AppleRefusal.Incomplete;
        }
        var environment = Environment(body);
        if (app.Check(body.Text("bundleId"), environment) is { } refusal)
        {
            return refusal;
        }
        var notification = new AppleNotification(id, type, fields.Text("subtype"), data.SignedAt, environment!.Value, Purchase: null);
        if (type == "TEST" || fields.Object("data") is not { } purchase)
        {
            return notification;
        }
        return AppleNotificationData.Read(purchase, notification, app, now);
    }

    private static AppleFields? Body(AppleFields fields)
    {
        foreach (var name in _bodies)
        {
            if (fields.Object(name) is { } body)
            {
                return body;
            }
        }
        return null;
    }

    /// <summary>Purchases outside of the App Store have no environment but in their id ("externalPurchaseId", App Store Server Notifications).</summary>
    private static AppleEnvironment? Environment(AppleFields body) =>
        body.Text("externalPurchaseId") is not { } id ? body.Environment()
        : id.StartsWith("SANDBOX", StringComparison.Ordinal) ? AppleEnvironment.Sandbox
        : AppleEnvironment.Production;

    private static bool IsWord(string text)
    {
        foreach (var c in text)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c != '_')
            {
                return false;
            }
        }
        return text.Length is > 0 and <= MaxWord;
    }
}
