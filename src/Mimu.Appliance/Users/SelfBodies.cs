using Mimu.Appliance.Auth;
using Mimu.Appliance.Configuration;
using Mimu.Appliance.Http;
using Mimu.Appliance.Subscriptions;
using Mimu.Core.Accounts;
using Mimu.Core.Keys;
using Mimu.Core.Subscriptions;

namespace Mimu.Appliance.Users;

/// <summary>The bodies of protocol 3.5.</summary>
internal sealed class SelfBodies(MimuOptions options)
{
    private const int MaxName = 64;
    private const int MaxFileKey = 128;

    public static ChangeProfileCommand Change(Fields fields) => new(
        fields.OptionalName("display_name", MaxName),
        fields.OptionalFormed("avatar", "must be a file key", IsFileKey),
        fields.IsNull("avatar"));

    public static string Delete(Fields fields) => fields.Password();

    public SelfBody Of(Account account, SelfStock stock)
    {
        var subscription = stock.Subscription is { } status ? SubscriptionBody.From(status) : null;
        return new(account.Id.Value, account.PublicId.Value, account.DisplayName, account.Avatar, account.Fingerprint, account.IdentityKey, account.SigningKey,
            Wire.Time(account.CreatedAt), subscription, stock.Prekeys.OneTime, stock.Prekeys.PqOneTime, stock.Prekeys.SignedId,
            stock.FileBytes, subscription is { Active: true } ? options.Limits.Premium.Quota : options.Media.Quota);
    }

    /// <summary>What stands in a path as it is.</summary>
    private static bool IsFileKey(string text) =>
        text.Length is >= 1 and <= MaxFileKey && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.');
}

/// <summary>What an account has in store.</summary>
/// <param name="Prekeys">Of the calling device.</param>
/// <param name="FileBytes">Of finished files.</param>
/// <param name="Subscription">What it has subscribed to; null where there are no subscriptions.</param>
internal sealed record SelfStock(PrekeyStock Prekeys, long FileBytes, SubscriptionStatus? Subscription);

/// <summary>One's own account (protocol 3.5).</summary>
internal sealed record SelfBody(
    Guid UserId,
    string PublicId,
    string DisplayName,
    string? Avatar,
    string Fingerprint,
    byte[] IdentityKey,
    byte[] SigningPublicKey,
    string CreatedAt,
    SubscriptionBody? Subscription,
    int OneTimePrekeyCount,
    int PqOneTimePrekeyCount,
    int? SignedPrekeyId,
    long StorageUsed,
    long StorageQuota);
