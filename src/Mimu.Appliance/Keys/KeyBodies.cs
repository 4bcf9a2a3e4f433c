using Mimu.Appliance.Auth;
using Mimu.Appliance.Http;
using Mimu.Core;
using Mimu.Core.Accounts;
using Mimu.Core.Keys;

namespace Mimu.Appliance.Keys;

/// <summary>The bodies of protocol 3.6 and 3.7.</summary>
internal static class KeyBodies
{
    /// <summary>An etag of ours has 43 characters; what is longer is none.</summary>
    private const int MaxEtag = 256;

    /// <summary>The members of 2.1 from <c>identity_key</c> to <c>pq_one_time_prekeys</c>, checked against each other.</summary>
    public static (byte[] IdentityKey, byte[] SigningKey, PrekeyUpload Prekeys) Identity(Fields fields, Limits limits)
    {
        var identityKey = fields.Bytes("identity_key", KeySizes.X25519);
        var signingKey = fields.Bytes("signing_public_key", KeySizes.Ed25519);
        fields.OptionalFormed("fingerprint", "must be the SHA-256 of identity_key in lower-case hex",
            text => identityKey.Length > 0 ? text == Account.FingerprintOf(identityKey) : IsFingerprint(text));
        var prekeys = PrekeyBodies.Upload(fields, limits);
        KeyChecks.CheckIdentity(identityKey, signingKey, fields.Faults);
        KeyChecks.CheckPrekeys(prekeys, signingKey, fields.Faults);
        return (identityKey, signingKey, prekeys);
    }

    /// <summary>SHA-256 in hex (protocol 2.1).</summary>
    private const int FingerprintLength = 64;

    /// <summary>Whether it could be a fingerprint at all, where there is no key to hold it against.</summary>
    private static bool IsFingerprint(string text) => text.Length == FingerprintLength && text.All(char.IsAsciiHexDigitLower);

    public static ReplaceIdentityCommand Replace(Fields fields, Limits limits)
    {
        var password = fields.Password();
        var (identityKey, signingKey, prekeys) = Identity(fields, limits);
        return new ReplaceIdentityCommand(password, identityKey, signingKey, prekeys);
    }

    public static StoreKeyBackupCommand Backup(Fields fields, Limits limits) =>
        new(fields.Opaque("encrypted_backup", limits.MaxKeyBackup), fields.OptionalText("etag", 0, MaxEtag));
}

/// <summary>A key backup that was stored (protocol 3.7).</summary>
internal sealed record KeyBackupVersionBody(string Etag, string UpdatedAt)
{
    public static KeyBackupVersionBody From(KeyBackup backup) => new(backup.Etag, Wire.Time(backup.UpdatedAt));
}

/// <summary>A key backup with what is in it (protocol 3.7).</summary>
internal sealed record KeyBackupBody(string Etag, string UpdatedAt, byte[] EncryptedBackup)
{
    public static KeyBackupBody From(KeyBackup backup) => new(backup.Etag, Wire.Time(backup.UpdatedAt), backup.Data);
}
