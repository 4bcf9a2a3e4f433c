using Mimu.Core.Accounts;
using Mimu.Core.Sessions;
using Xunit;

namespace Mimu.Specification;

/// <summary>What <see cref="ISessionStore"/> promises.</summary>
public abstract class SessionStoreSpec : StorageSpec
{
    private readonly Account _alice = Sample.Account("alice");

    public override async Task InitializeAsync()
    {
        await base.InitializeAsync();
        await WriteAsync(async tx =>
        {
            await tx.Accounts.AddAsync(_alice);
            await tx.Devices.AddAsync(Sample.Device(_alice.Id, 1));
            await tx.Devices.AddAsync(Sample.Device(_alice.Id, 2));
        });
    }

    [Fact]
    public async Task A_session_and_its_token_are_found_as_they_were_added()
    {
        var (session, token) = await BeginAsync(deviceId: 2);

        Alike.Equal(session, await ReadAsync(tx => tx.Sessions.FindAsync(session.Id)));
        Alike.Equal(token, await FindTokenAsync(token));
    }

    [Fact]
    public async Task What_never_was_is_not_found()
    {
        await BeginAsync();
        var session = Sample.Session(_alice.Id);

        Assert.Null(await ReadAsync(tx => tx.Sessions.FindAsync(session.Id)));
        Assert.Null(await FindTokenAsync(Sample.Token(session.Id)));
    }

    [Fact]
    public async Task A_token_that_was_replaced_is_used_and_knows_its_successor()
    {
        var (session, first) = await BeginAsync();
        var second = Sample.Token(session.Id);
        var now = Sample.Now.AddMinutes(1);

        await WriteAsync(tx => tx.Sessions.ReplaceTokenAsync(first.Hash, second, now));

        Alike.Equal(first with { UsedAt = now, Successor = second.Hash }, await FindTokenAsync(first));
        Alike.Equal(second, await FindTokenAsync(second));
        Alike.Equal(session with { LastSeenAt = now }, await ReadAsync(tx => tx.Sessions.FindAsync(session.Id)));
    }

    [Fact]
    public async Task Replacing_a_token_again_keeps_the_time_of_its_first_use()
    {
        var (session, first) = await BeginAsync();
        var (second, third) = (Sample.Token(session.Id), Sample.Token(session.Id));

        await WriteAsync(tx => tx.Sessions.ReplaceTokenAsync(first.Hash, second, Sample.Now.AddMinutes(1)));
        await WriteAsync(tx => tx.Sessions.ReplaceTokenAsync(first.Hash, third, Sample.Now.AddMinutes(2)));

        Alike.Equal(first with { UsedAt = Sample.Now.AddMinutes(1), Successor = third.Hash }, await FindTokenAsync(first));
    }

    [Fact]
    public async Task Replacing_a_token_drops_those_of_the_family_that_have_expired_and_no_others()
    {
        var (session, first) = await BeginAsync(TimeSpan.FromHours(1));
        var (_, foreign) = await BeginAsync(TimeSpan.FromHours(1));
        var (second, third) = (Sample.Token(session.Id, TimeSpan.FromHours(2)), Sample.Token(session.Id, TimeSpan.FromHours(3)));
        await WriteAsync(tx => tx.Sessions.ReplaceTokenAsync(first.Hash, second, Sample.Now));

        await WriteAsync(tx => tx.Sessions.ReplaceTokenAsync(second.Hash, third, Sample.Now.AddHours(1)));

        Assert.Null(await FindTokenAsync(first));
        Assert.NotNull(await FindTokenAsync(second));
        Assert.NotNull(await FindTokenAsync(foreign));
    }

    [Fact]
    public async Task A_token_that_is_taken_back_never_was()
    {
        var (session, first) = await BeginAsync();
        var second = Sample.Token(session.Id);
        await WriteAsync(tx => tx.Sessions.ReplaceTokenAsync(first.Hash, second, Sample.Now));

        await WriteAsync(tx => tx.Sessions.WithdrawTokenAsync(second.Hash));

        Assert.Null(await FindTokenAsync(second));
        Assert.NotNull(await FindTokenAsync(first));
    }

    [Fact]
    public async Task A_session_ends_once_with_all_its_tokens_and_no_others()
    {
        var (session, first) = await BeginAsync();
        var (other, foreign) = await BeginAsync();
        var second = Sample.Token(session.Id);
        await WriteAsync(tx => tx.Sessions.ReplaceTokenAsync(first.Hash, second, Sample.Now));

        Assert.True(await WriteAsync(tx => tx.Sessions.EndAsync(session.Id)));
        Assert.False(await WriteAsync(tx => tx.Sessions.EndAsync(session.Id)));

        Assert.Null(await ReadAsync(tx => tx.Sessions.FindAsync(session.Id)));
        Assert.Null(await FindTokenAsync(first));
        Assert.Null(await FindTokenAsync(second));
        Assert.NotNull(await ReadAsync(tx => tx.Sessions.FindAsync(other.Id)));
        Assert.NotNull(await FindTokenAsync(foreign));
    }

    [Fact]
    public async Task All_sessions_of_an_account_end_but_one()
    {
        var (kept, _) = await BeginAsync();
        var (first, token) = await BeginAsync();
        var (second, _) = await BeginAsync(deviceId: 2);
        var foreign = await WriteAsync(async tx =>
        {
            var bob = await tx.AddAccountAsync("bob");
            var session = Sample.Session(bob.Id);
            await tx.Sessions.AddAsync(session, Sample.Token(session.Id));
            return session;
        });

        var ended = await WriteAsync(tx => tx.Sessions.EndAllAsync(_alice.Id, kept.Id, deviceId: null));

        Assert.Equal([first.Id, second.Id], ended.OrderBy(id => id == second.Id));
        Assert.Null(await ReadAsync(tx => tx.Sessions.FindAsync(first.Id)));
        Assert.Null(await FindTokenAsync(token));
        Assert.NotNull(await ReadAsync(tx => tx.Sessions.FindAsync(foreign.Id)));
        Assert.Equal([kept.Id], await WriteAsync(tx => tx.Sessions.EndAllAsync(_alice.Id, but: null, deviceId: null)));
        Assert.Empty(await WriteAsync(tx => tx.Sessions.EndAllAsync(_alice.Id, but: null, deviceId: null)));
    }

    [Fact]
    public async Task All_sessions_of_one_device_end()
    {
        var (other, _) = await BeginAsync();
        var (first, _) = await BeginAsync(deviceId: 2);

        Assert.Equal([first.Id], await WriteAsync(tx => tx.Sessions.EndAllAsync(_alice.Id, but: null, deviceId: 2)));
        Assert.NotNull(await ReadAsync(tx => tx.Sessions.FindAsync(other.Id)));
    }

    [Fact]
    public async Task Those_with_a_token_that_is_good_are_listed()
    {
        var (shortOne, _) = await BeginAsync(TimeSpan.FromHours(1));
        var (longOne, _) = await BeginAsync(TimeSpan.FromHours(2), deviceId: 2);

        Assert.Equal(2, (await ReadAsync(tx => tx.Sessions.ListAsync(_alice.Id, Sample.Now.AddHours(1).AddMilliseconds(-1)))).Count);
        Alike.Equal(longOne, Assert.Single(await ReadAsync(tx => tx.Sessions.ListAsync(_alice.Id, Sample.Now.AddHours(1)))));
        Assert.NotEqual(shortOne.Id, longOne.Id);
    }

    private async Task<(Session Session, RefreshToken Token)> BeginAsync(TimeSpan? life = null, int deviceId = 1)
    {
        var session = Sample.Session(_alice.Id, deviceId);
        var token = Sample.Token(session.Id, life);
        await WriteAsync(tx => tx.Sessions.AddAsync(session, token));
        return (session, token);
    }

    private Task<RefreshToken?> FindTokenAsync(RefreshToken token) => ReadAsync(tx => tx.Sessions.FindTokenAsync(token.Hash));
}
