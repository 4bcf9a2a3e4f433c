using System.Text.Json;

namespace Mimu.Core.Subscriptions;

/// <summary>What a notification is about.</summary>
public enum GoogleSubject
{
    /// <summary>A subscription has changed.</summary>
    Subscription,

    /// <summary>A product that is bought once was paid for, or won't be.</summary>
    OneTimeProduct,

    /// <summary>A purchase was refunded or charged back, in whole or in part.</summary>
    Voided,

    /// <summary>Nothing: Play Console tries whether it arrives.</summary>
    Test,

    /// <summary>Something that this server has no use for.</summary>
    Other,
}

/// <summary>
/// A real-time developer notification of Google Play, as Cloud Pub/Sub brings it ("Real-time developer notifications reference guide"). Anybody can write one: it says which purchase to
/// look up at Google, and nothing of it is believed.
/// </summary>
/// <param name="MessageId">Pub/Sub's id of the message: the same when it comes again.</param>
/// <param name="PackageName">Of which app it is; not compared with anything yet.</param>
/// <param name="Subject">What it is about.</param>
public sealed record GoogleNotification(string MessageId, string PackageName, GoogleSubject Subject)
{
    /// <summary>Pub/Sub's ids are numbers, of 17 digits today.</summary>
    private const int MaxMessageId = 128;

    /// <summary>The purchase to look up, sound by <see cref="PlayNames.IsToken"/>; null with <see cref="GoogleSubject.Test"/> and <see cref="GoogleSubject.Other"/>.</summary>
    public string? PurchaseToken { get; init; }

    /// <summary>The id of the subscription or product; null if it is not told.</summary>
    public string? ProductId { get; init; }

    /// <summary>Whether the purchase is a subscription.</summary>
    public bool IsSubscription { get; init; }

    /// <summary>Without what names the purchase, so that none gets into a log.</summary>
    public override string ToString() => $"{Subject} {MessageId}";

    /// <summary>Reads the body of a push message, wrapped as Pub/Sub does it unless it is told otherwise.</summary>
    /// <param name="body">The body.</param>
    /// <returns><see cref="Errors.MalformedRequest"/> if it is none. Nothing of the body is in it.</returns>
    public static Result<GoogleNotification> Read(ReadOnlyMemory<byte> body)
    {
        try
        {
            using var envelope = JsonDocument.Parse(body);
            if (Member(envelope.RootElement, "message") is not { } message)
            {
                return Fault("The body must be a push message of Cloud Pub/Sub, with `message`.");
            }
            // Pub/Sub sends both spellings.
            if ((Text(message, "messageId") ?? Text(message, "message_id")) is not { Length: > 0 and <= MaxMessageId } id)
            {
                return Fault("The message must have a `messageId`.");
            }
            if (!message.TryGetProperty("data", out var data) || data.ValueKind is not JsonValueKind.String || !data.TryGetBytesFromBase64(out var bytes))
            {
                return Fault("The message must have `data` in Base64.");
            }
            using var content = JsonDocument.Parse(bytes);
            return Text(content.RootElement, "packageName") is { Length: > 0 } package
                ? ReadContent(id, package, content.RootElement)
                : Fault("The data must be a notification of Google Play, with `packageName`.");
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // The latter: half of a surrogate pair in a text, or bytes that are not UTF-8.
            return Fault("The body and its data must be JSON objects in UTF-8.");
        }
    }

    private static Result<GoogleNotification> ReadContent(string id, string package, JsonElement content)
    {
        if (Member(content, "subscriptionNotification") is { } subscription)
        {
            return About(GoogleSubject.Subscription, subscription, "subscriptionId", isSubscription: true);
        }
        if (Member(content, "oneTimeProductNotification") is { } product)
        {
            return About(GoogleSubject.OneTimeProduct, product, "sku", isSubscription: false);
        }
        if (Member(content, "voidedPurchaseNotification") is { } voided)
        {
            var hasType = voided.TryGetProperty("productType", out var type) && type.ValueKind is JsonValueKind.Number;
            // PRODUCT_TYPE_SUBSCRIPTION
            return About(GoogleSubject.Voided, voided, null, isSubscription: hasType && type.TryGetInt32(out var kind) && kind == 1);
        }
        return new GoogleNotification(id, package, Member(content, "testNotification") is null ? GoogleSubject.Other : GoogleSubject.Test);

        Result<GoogleNotification> About(GoogleSubject subject, JsonElement part, string? nameOfProduct, bool isSubscription)
        {
            var product = nameOfProduct is null ? null : Text(part, nameOfProduct);
            return Text(part, "purchaseToken") is not { } token || !PlayNames.IsToken(token) || (product is not null && !PlayNames.IsProduct(product))
                ? Fault("The notification must have a `purchaseToken`, and its product's id must be one.")
                : new GoogleNotification(id, package, subject) { PurchaseToken = token, ProductId = product, IsSubscription = isSubscription };
        }
    }

    private static Error Fault(string detail) => Errors.MalformedRequest.Because(detail);

    /// <summary>A member that is an object; null if it is none.</summary>
    private static JsonElement? Member(JsonElement json, string name) =>
        json.ValueKind is JsonValueKind.Object && json.TryGetProperty(name, out var value) && value.ValueKind is JsonValueKind.Object ? value : null;

    /// <summary>A member that is a text; null if it is none.</summary>
    private static string? Text(JsonElement json, string name) =>
        json.ValueKind is JsonValueKind.Object && json.TryGetProperty(name, out var value) && value.ValueKind is JsonValueKind.String ? value.GetString() : null;
}
