using Mimu.Core.Keys;

namespace Mimu.Core.Tests.Memory;

internal sealed class MemoryKeyBackupStore(MemoryTransaction tx) : IKeyBackupStore
{
    public ValueTask<KeyBackup?> FindAsync(UserId user) => new(tx.State.KeyBackups.GetValueOrDefault(user));

    public ValueTask<bool> ReplaceAsync(UserId user, KeyBackup backup, string? expected)
    {
        if (expected is not null && tx.State.KeyBackups.GetValueOrDefault(user)?.Etag != expected)
        {
            return new(false);
        }
        tx.State = tx.State with { KeyBackups = tx.State.KeyBackups.SetItem(user, backup) };
        return new(true);
    }

    public ValueTask<bool> RemoveAsync(UserId user)
    {
        var isThere = tx.State.KeyBackups.ContainsKey(user);
        tx.State = tx.State with { KeyBackups = tx.State.KeyBackups.Remove(user) };
        return new(isThere);
    }
}
