namespace Mimu.Core.Keys;

/// <summary>What a client has encrypted of its own keys, to have them on its next device (protocol 3.7).</summary>
/// <param name="Data">Opaque.</param>
/// <param name="Etag">Names this version of it.</param>
/// <param name="UpdatedAt">When it was stored.</param>
public sealed record KeyBackup(byte[] Data, string Etag, DateTimeOffset UpdatedAt);

/// <summary>Key backups, one an account.</summary>
public interface IKeyBackupStore
{
    /// <summary>The account's backup; null if there is none.</summary>
    ValueTask<KeyBackup?> FindAsync(UserId user);

    /// <summary>Puts a backup in the place of what there is; false, and nothing changes, when that is not the version <paramref name="expected"/>. Null for any or none.</summary>
    ValueTask<bool> ReplaceAsync(UserId user, KeyBackup backup, string? expected);

    /// <summary>Removes the backup; false if there was none.</summary>
    ValueTask<bool> RemoveAsync(UserId user);
}
