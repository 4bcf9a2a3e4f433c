using Mimu.Core.Accounts;
using Mimu.Core.Blocks;
using Xunit;

namespace Mimu.Specification;

/// <summary>What <see cref="IBlockStore"/> promises.</summary>
public abstract class BlockStoreSpec : StorageSpec
{
    private readonly Account _alice = Sample.Account("alice");
    private readonly Account _bob = Sample.Account("bob");
    private readonly Account _carol = Sample.Account("carol");

    public override async Task InitializeAsync()
    {
        await base.InitializeAsync();
        await WriteAsync(async tx =>
        {
            foreach (var account in (Account[])[_alice, _bob, _carol])
            {
                await tx.Accounts.AddAsync(account);
            }
        });
    }

    [Fact]
    public async Task A_block_has_one_direction_and_is_there_once()
    {
        Assert.True(await BlockAsync(_alice, _bob));
        Assert.False(await BlockAsync(_alice, _bob));
        Assert.True(await ReadAsync(tx => tx.Blocks.IsBlockedAsync(_bob.Id, by: _alice.Id)));
        Assert.False(await ReadAsync(tx => tx.Blocks.IsBlockedAsync(_alice.Id, by: _bob.Id)));
        Assert.True(await WriteAsync(tx => tx.Blocks.RemoveAsync(_alice.Id, _bob.Id)));
        Assert.False(await WriteAsync(tx => tx.Blocks.RemoveAsync(_alice.Id, _bob.Id)));
        Assert.False(await ReadAsync(tx => tx.Blocks.IsBlockedAsync(_bob.Id, by: _alice.Id)));
    }

    [Fact]
    public async Task Blocks_are_listed_by_name_and_blockers_among_those_who_are_asked_for()
    {
        await BlockAsync(_alice, _carol);
        await BlockAsync(_alice, _bob);
        await BlockAsync(_bob, _carol);
        Alike.Equal((Account[])[_bob, _carol], await ReadAsync(tx => tx.Blocks.ListAsync(_alice.Id)));
        Assert.Equal([_alice.Id], await ReadAsync(tx => tx.Blocks.ListBlockersAsync(_carol.Id, [_alice.Id, _carol.Id])));
        Assert.Empty(await ReadAsync(tx => tx.Blocks.ListBlockersAsync(_alice.Id, [_bob.Id, _carol.Id])));
    }

    [Fact]
    public async Task A_search_leaves_out_who_blocks_the_viewer()
    {
        await BlockAsync(_alice, _bob);
        Assert.Empty(await ReadAsync(tx => tx.Accounts.SearchAsync("al", _bob.Id, 10)));
        Assert.Single(await ReadAsync(tx => tx.Accounts.SearchAsync("al", _carol.Id, 10)));
        Assert.Single(await ReadAsync(tx => tx.Accounts.SearchAsync("bo", _alice.Id, 10)));
    }

    [Fact]
    public async Task Who_goes_is_forgotten_on_both_sides()
    {
        await BlockAsync(_alice, _bob);
        await BlockAsync(_bob, _alice);
        await BlockAsync(_bob, _carol);
        await WriteAsync(tx => tx.Blocks.RemoveAllAsync(_alice.Id));
        Assert.Empty(await ReadAsync(tx => tx.Blocks.ListAsync(_alice.Id)));
        Alike.Equal((Account[])[_carol], await ReadAsync(tx => tx.Blocks.ListAsync(_bob.Id)));
    }

    private Task<bool> BlockAsync(Account who, Account whom) => WriteAsync(tx => tx.Blocks.AddAsync(who.Id, whom.Id, Sample.Now));
}
