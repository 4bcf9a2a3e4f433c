using System.Security.Cryptography;

namespace Mimu.Core.Accounts;

/// <summary>One person's account.</summary>
/// <param name="Id">Its id.</param>
/// <param name="PublicId">Its name, never given to another account.</param>
/// <param name="DisplayName">1–64 code points.</param>
/// <param name="Avatar">A file key; null for none.</param>
/// <param name="IdentityKey">X25519 public key, 32 bytes.</param>
/// <param name="SigningKey">Ed25519 public key, 32 bytes.</param>
/// <param name="PasswordHash">Argon2id in PHC string form.</param>
/// <param name="State">Whether it may sign in.</param>
/// <param name="CreatedAt">When it was made.</param>
public sealed record Account(
    UserId Id,
    PublicId PublicId,
    string DisplayName,
    string? Avatar,
    byte[] IdentityKey,
    byte[] SigningKey,
    string PasswordHash,
    AccountState State,
    DateTimeOffset CreatedAt)
{
    /// <summary>Lower-case hex of SHA-256 over the 32 raw bytes of the identity key (protocol 2.1).</summary>
    public string Fingerprint => FingerprintOf(IdentityKey);

    /// <inheritdoc cref="Fingerprint"/>
    public static string FingerprintOf(ReadOnlySpan<byte> identityKey) => Convert.ToHexStringLower(SHA256.HashData(identityKey));
}

/// <summary>What an account may do. The numbers are persisted: frozen.</summary>
public enum AccountState
{
    Active = 0,
    Disabled = 1,
    Deleted = 2,
}
