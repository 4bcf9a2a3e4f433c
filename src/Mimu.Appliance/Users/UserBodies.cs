using Mimu.Core.Accounts;

namespace Mimu.Appliance.Users;

/// <summary>An account as others see it in lists (protocol section 3).</summary>
internal sealed record ProfileBody(Guid UserId, string PublicId, string DisplayName, string? Avatar, string Fingerprint)
{
    public static ProfileBody From(Account account) =>
        new(account.Id.Value, account.PublicId.Value, account.DisplayName, account.Avatar, account.Fingerprint);
}

/// <summary>What a search found (protocol 3.1).</summary>
internal sealed record ProfilesBody(IReadOnlyList<ProfileBody> Users);

/// <summary>An account with its keys (protocol 3.2).</summary>
internal sealed record ProfileWithKeysBody(
    Guid UserId, string PublicId, string DisplayName, string? Avatar, string Fingerprint, byte[] IdentityKey, byte[] SigningPublicKey)
{
    public static ProfileWithKeysBody From(Account account) => new(account.Id.Value, account.PublicId.Value, account.DisplayName, account.Avatar,
        account.Fingerprint, account.IdentityKey, account.SigningKey);
}

/// <summary>Whose keys are others now: the data of <c>IdentityChanged</c> and <c>DevicesChanged</c> (protocol section 6).</summary>
internal sealed record KeysChangedBody(Guid UserId, string PublicId, string Fingerprint);
