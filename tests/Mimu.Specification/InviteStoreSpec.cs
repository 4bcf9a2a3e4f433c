using Mimu.Core.Accounts;
using Mimu.Core.Invites;
using Xunit;

namespace Mimu.Specification;

/// <summary>What <see cref="IInviteStore"/> promises.</summary>
public abstract class InviteStoreSpec : StorageSpec
{
    private static readonly DateTimeOffset _end = Sample.Now.AddDays(7);
    private static readonly PublicId _alice = Sample.Name("alice");
    private static readonly PublicId _bob = Sample.Name("bob");

    private readonly byte[] _code = InviteCode.Hash(InviteCode.New());

    [Fact]
    public async Task An_invitation_is_listed_as_it_was_added()
    {
        var first = await AddAsync(uses: 3);
        var second = await AddAsync(code: InviteCode.Hash("other"), publicId: _bob);

        Assert.Equal([new Invite(first, 3, null, Sample.Now, _end), new Invite(second, 1, _bob, Sample.Now, _end)], await ListAsync());
        Assert.True(second > first);
    }

    [Fact]
    public async Task It_is_used_up_use_by_use()
    {
        await AddAsync(uses: 2);

        Assert.True(await UseAsync(_alice));
        Assert.Equal(1, Assert.Single(await ListAsync()).UsesLeft);
        Assert.True(await UseAsync(_bob));
        Assert.False(await UseAsync(_alice));
        Assert.False(await IsGoodAsync(_alice));
        Assert.Empty(await ListAsync());
    }

    [Fact]
    public async Task One_for_a_name_is_good_for_no_other()
    {
        await AddAsync(publicId: _bob);

        Assert.False(await IsGoodAsync(_alice));
        Assert.False(await UseAsync(_alice));
        Assert.True(await IsGoodAsync(_bob));
        Assert.True(await UseAsync(_bob));
    }

    [Fact]
    public async Task It_is_good_until_it_expires()
    {
        await AddAsync(uses: 5);

        Assert.True(await UseAsync(_alice, _end.AddMilliseconds(-1)));
        Assert.False(await UseAsync(_alice, _end));
        Assert.False(await IsGoodAsync(_alice, _end));
        Assert.Empty(await ListAsync(_end));
    }

    [Fact]
    public async Task An_unknown_code_is_good_for_nothing()
    {
        Assert.False(await IsGoodAsync(_alice));
        Assert.False(await UseAsync(_alice));
    }

    [Fact]
    public async Task It_is_taken_back_by_number_or_code_once()
    {
        var first = await AddAsync();
        Assert.True(await WriteAsync(tx => tx.Invites.RemoveAsync(first)));
        Assert.False(await WriteAsync(tx => tx.Invites.RemoveAsync(first)));
        Assert.False(await WriteAsync(tx => tx.Invites.RemoveAsync(_code)));
        var second = await AddAsync();
        Assert.True(second > first, "A number was given again.");
        Assert.True(await WriteAsync(tx => tx.Invites.RemoveAsync(_code)));
        Assert.False(await UseAsync(_alice));
    }

    [Fact]
    public async Task A_new_one_takes_the_place_of_those_that_have_expired()
    {
        await AddAsync();
        // The same code again would be refused while the former is there.
        var again = await WriteAsync(tx => tx.Invites.AddAsync(_code, 1, null, _end, _end.AddDays(1)));
        Assert.Equal(again, Assert.Single(await ListAsync(_end)).Id);
    }

    private Task<long> AddAsync(int uses = 1, byte[]? code = null, PublicId? publicId = null) =>
        WriteAsync(tx => tx.Invites.AddAsync(code ?? _code, uses, publicId, Sample.Now, _end));

    private Task<bool> UseAsync(PublicId name, DateTimeOffset? now = null) => WriteAsync(tx => tx.Invites.TryUseAsync(_code, name, now ?? Sample.Now));

    private Task<bool> IsGoodAsync(PublicId name, DateTimeOffset? now = null) => ReadAsync(tx => tx.Invites.IsGoodAsync(_code, name, now ?? Sample.Now));

    private Task<IReadOnlyList<Invite>> ListAsync(DateTimeOffset? now = null) => ReadAsync(tx => tx.Invites.ListAsync(now ?? Sample.Now));
}
