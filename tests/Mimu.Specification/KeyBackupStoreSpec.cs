using Mimu.Core.Keys;
using Xunit;

namespace Mimu.Specification;

/// <summary>What <see cref="IKeyBackupStore"/> promises.</summary>
public abstract class KeyBackupStoreSpec : StorageSpec
{
    [Fact]
    public async Task A_backup_is_replaced_only_where_it_is_the_version_that_was_seen()
    {
        var alice = Sample.Account("alice");
        await WriteAsync(tx => tx.Accounts.AddAsync(alice));
        var (first, second, third) = (new KeyBackup([1], "1", Sample.Now), new KeyBackup([2], "2", Sample.Now.AddDays(1)), new KeyBackup([3], "3", Sample.Now));

        Assert.Null(await FindAsync());
        Assert.False(await ReplaceAsync(first, expected: "0"));
        Assert.True(await ReplaceAsync(first, expected: null));
        Assert.False(await ReplaceAsync(second, expected: "0"));
        Alike.Equal(first, await FindAsync());
        Assert.True(await ReplaceAsync(second, expected: "1"));
        Alike.Equal(second, await FindAsync());
        Assert.True(await ReplaceAsync(third, expected: null));
        Alike.Equal(third, await FindAsync());
        Assert.True(await WriteAsync(tx => tx.KeyBackups.RemoveAsync(alice.Id)));
        Assert.False(await WriteAsync(tx => tx.KeyBackups.RemoveAsync(alice.Id)));
        Assert.Null(await FindAsync());

        Task<KeyBackup?> FindAsync() => ReadAsync(tx => tx.KeyBackups.FindAsync(alice.Id));

        Task<bool> ReplaceAsync(KeyBackup backup, string? expected) => WriteAsync(tx => tx.KeyBackups.ReplaceAsync(alice.Id, backup, expected));
    }
}
