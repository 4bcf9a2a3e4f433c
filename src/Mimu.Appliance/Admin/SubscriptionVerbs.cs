using System.Globalization;
using Mimu.Appliance.Http;
using Mimu.Appliance.Subscriptions;
using Mimu.Core.Accounts;
using Mimu.Core.Subscriptions;

namespace Mimu.Appliance.Admin;

/// <summary>What an administrator can ask for about subscriptions.</summary>
internal sealed class SubscriptionVerbs(GrantPremium grants)
{
    /// <summary>By path.</summary>
    public IEnumerable<KeyValuePair<string, AdminVerb>> All =>
    [
        new("/subscription/show", AdminVerbs.Verb(AdminBodies.PublicIdOf, grants.ShowAsync, SubscriptionFileBody.From, MimuJson.Default.SubscriptionFileBody)),
        new("/subscription/grant", AdminVerbs.Verb(Grant, (it, cancellation) => grants.RunAsync(it.PublicId, it.Until, cancellation), SubscriptionFileBody.From, MimuJson.Default.SubscriptionFileBody)),
        new("/subscription/revoke", AdminVerbs.Verb(AdminBodies.PublicIdOf, (publicId, cancellation) => grants.RunAsync(publicId, until: null, cancellation), SubscriptionFileBody.From,
            MimuJson.Default.SubscriptionFileBody)),
    ];

    /// <summary>A day ends with its last moment in UTC; a time is as it is written.</summary>
    public static bool TryUntil(string text, out DateTimeOffset until)
    {
        if (DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day))
        {
            until = new DateTimeOffset(day.AddDays(1), TimeOnly.MinValue, TimeSpan.Zero);
            return true;
        }
        return DateTimeOffset.TryParseExact(text, "yyyy-MM-dd'T'HH:mm:ssK", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out until);
    }

    private static (PublicId PublicId, DateTimeOffset? Until) Grant(Fields fields)
    {
        DateTimeOffset until = default;
        var publicId = AdminBodies.PublicIdOf(fields);
        fields.Formed("until", "must be a date such as 2027-12-31, or a time such as 2027-12-31T12:00:00Z", text => TryUntil(text, out until));
        return (publicId, until);
    }
}

/// <summary>What there is to know of somebody's subscription.</summary>
internal sealed record SubscriptionFileBody(
    string PublicId, SubscriptionBody Subscription, string? GrantedUntil, IReadOnlyList<PurchaseBody> Purchases, IReadOnlyList<SubscriptionNoteBody> Log)
{
    public static SubscriptionFileBody From(SubscriptionFile file) => new(file.Account.PublicId.Value, SubscriptionBody.From(file.Status), file.GrantedUntil is { } until ? Wire.Time(until) : null,
        [.. file.Purchases.Select(PurchaseBody.From)], [.. file.Log.Select(SubscriptionNoteBody.From)]);
}

/// <summary>A purchase, without what names it at its store.</summary>
internal sealed record PurchaseBody(string Platform, string ProductId, string State, string? ExpiresAt, bool AutoRenewing, string AsOf)
{
    public static PurchaseBody From(OwnedPurchase owned) => new(SubscriptionBody.WordOf(owned.Purchase.Platform), owned.Purchase.ProductId, WordOf(owned.Purchase.State),
        owned.Purchase.ExpiresAt is { } end ? Wire.Time(end) : null, owned.Purchase.IsAutoRenewing, Wire.Time(owned.Purchase.AsOf));

    private static string WordOf(PurchaseState state) => state switch
    {
        PurchaseState.Active => "active",
        PurchaseState.Grace => "grace",
        PurchaseState.Expired => "expired",
        PurchaseState.Revoked => "revoked",
        PurchaseState.Pending => "pending",
        _ => throw new ArgumentOutOfRangeException(nameof(state)),
    };
}

/// <summary>Something that was seen and decided.</summary>
internal sealed record SubscriptionNoteBody(string At, string Source, string? Platform, string? ReceiptHash, string Decision, string Reason)
{
    public static SubscriptionNoteBody From(SubscriptionNote note) => new(Wire.Time(note.At), note.Source, note.Platform is { } platform ? SubscriptionBody.WordOf(platform) : null,
        note.ReceiptHash is { } hash ? Convert.ToHexStringLower(hash) : null, note.Decision, note.Reason);
}
