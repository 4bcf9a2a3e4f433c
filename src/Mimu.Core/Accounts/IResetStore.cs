namespace Mimu.Core.Accounts;

/// <summary>The signatures that have reset a password, so that each does so once (protocol 2.5).</summary>
public interface IResetStore
{
    /// <summary>Notes a signature as used; false if it was before. Forgets those that are no longer good at <paramref name="now"/>.</summary>
    /// <param name="signatureHash">SHA-256 of the signature.</param>
    /// <param name="goodUntil">The last moment at which its timestamp is in the window.</param>
    /// <param name="now">What time it is.</param>
    ValueTask<bool> TryUseAsync(byte[] signatureHash, DateTimeOffset goodUntil, DateTimeOffset now);

    /// <summary>Whether a signature was used.</summary>
    ValueTask<bool> IsUsedAsync(byte[] signatureHash);
}
