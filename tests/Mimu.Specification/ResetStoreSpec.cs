using System.Security.Cryptography;
using Mimu.Core.Accounts;
using Xunit;

namespace Mimu.Specification;

/// <summary>What <see cref="IResetStore"/> promises.</summary>
public abstract class ResetStoreSpec : StorageSpec
{
    private static readonly DateTimeOffset _end = Sample.Now.AddSeconds(300);

    private readonly byte[] _signature = RandomNumberGenerator.GetBytes(32);

    [Fact]
    public async Task A_signature_is_used_once()
    {
        Assert.False(await ReadAsync(tx => tx.Resets.IsUsedAsync(_signature)));
        Assert.True(await UseAsync(_signature, Sample.Now));
        Assert.False(await UseAsync(_signature, Sample.Now));
        Assert.True(await ReadAsync(tx => tx.Resets.IsUsedAsync(_signature)));
        Assert.True(await UseAsync(RandomNumberGenerator.GetBytes(32), Sample.Now));
    }

    [Fact]
    public async Task It_is_forgotten_by_the_next_use_after_it_is_no_longer_good()
    {
        await UseAsync(_signature, Sample.Now);
        await UseAsync(RandomNumberGenerator.GetBytes(32), _end);
        Assert.True(await ReadAsync(tx => tx.Resets.IsUsedAsync(_signature)));
        await UseAsync(RandomNumberGenerator.GetBytes(32), _end.AddMilliseconds(1));
        Assert.False(await ReadAsync(tx => tx.Resets.IsUsedAsync(_signature)));
    }

    private Task<bool> UseAsync(byte[] signature, DateTimeOffset now) => WriteAsync(tx => tx.Resets.TryUseAsync(signature, _end, now));
}
