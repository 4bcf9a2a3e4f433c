using Mimu.Core.Accounts;
using Mimu.Core.Events;
using Mimu.Core.Sessions;
using Mimu.Core.Storage;
using Mimu.Specification;
using Xunit;

namespace Mimu.Core.Tests.Sessions;

public sealed class RefreshTests
{
    private readonly World _world = new();

    [Fact]
    public async Task Refresh_gives_a_new_pair_of_the_same_session()
    {
        var first = await BeginAsync();
        _world.Clock.Advance(TimeSpan.FromHours(1));

        var second = (await RefreshAsync(first)).Value;

        Assert.NotEqual(first.RefreshToken, second.RefreshToken);
        Assert.NotEqual(first.AccessToken, second.AccessToken);
        Assert.Equal(first.Session with { LastSeenAt = _world.Clock.Now() }, second.Session);
        Assert.Equal(second.Session, _world.Memory.State.Sessions[first.Session.Id]);
        Assert.Equal(_world.Clock.Now(), _world.Memory.State.Devices[(first.Account.Id, 1)].LastSeenAt);
        Assert.Equal(first.Session.ToCaller(), (await _world.AccessTokens.ReadAsync(second.AccessToken)).Value.Caller);
    }

    [Fact]
    public async Task Refresh_goes_on_and_on()
    {
        var grant = await BeginAsync();
        for (var i = 0; i < 20; i++)
        {
            _world.Clock.Advance(TimeSpan.FromDays(29));
            grant = (await RefreshAsync(grant)).Value;
        }

        // Those that have expired are not kept.
        Assert.InRange(_world.Memory.State.Tokens.Count, 1, 3);
    }

    [Fact]
    public async Task A_token_is_opaque_with_256_bits_and_stored_as_a_hash_alone()
    {
        var grant = await BeginAsync();

        Assert.Matches("^[A-Za-z0-9_-]{43}$", grant.RefreshToken);
        Assert.Contains(Convert.ToHexStringLower(Secret.Hash(grant.RefreshToken)), _world.Memory.State.Tokens.Keys);
        Assert.DoesNotContain(grant.RefreshToken, _world.Memory.State.Tokens.Keys);
    }

    [Fact]
    public async Task A_second_use_ends_the_session_and_is_told_once()
    {
        var first = await BeginAsync();
        var second = (await RefreshAsync(first)).Value;
        var third = (await RefreshAsync(second)).Value;
        var recorder = new Recorder();
        using var subscription = _world.Memory.PubSub.Subscribe(first.Account.Id, recorder);

        Assert.Same(Errors.RefreshTokenReused, (await RefreshAsync(first)).Error);

        Assert.Empty(_world.Memory.State.Sessions);
        Assert.Empty(_world.Memory.State.Tokens);
        foreach (var grant in (TokenGrant[])[first, second, third])
        {
            Assert.Same(Errors.InvalidRefreshToken, (await RefreshAsync(grant)).Error);
        }
        var told = Assert.Single(recorder.Told);
        Assert.Equal((null, new SessionEnded(first.Session.Id)), (told.Cursor, told.Event));
    }

    [Fact]
    public async Task A_second_use_leaves_other_sessions_alone()
    {
        var first = await BeginAsync();
        var other = await BeginAsync("bob");
        await RefreshAsync(first);

        await RefreshAsync(first);

        Assert.True((await RefreshAsync(other)).IsOk);
    }

    [Theory]
    [InlineData("")]
    [InlineData("unknown")]
    [InlineData("\0")]
    public async Task A_token_that_was_never_handed_out_is_invalid(string token)
    {
        await BeginAsync();

        Assert.Same(Errors.InvalidRefreshToken, (await _world.Refresh.RunAsync(token, CancellationToken.None)).Error);

        Assert.Single(_world.Memory.State.Sessions);
    }

    [Fact]
    public async Task A_token_is_good_until_its_time_has_come_and_then_it_is_invalid()
    {
        var (first, second) = (await BeginAsync(), await BeginAsync("bob"));

        _world.Clock.Advance(TimeSpan.FromDays(30) - TimeSpan.FromMilliseconds(1));
        Assert.True((await RefreshAsync(first)).IsOk);
        _world.Clock.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Same(Errors.InvalidRefreshToken, (await RefreshAsync(second)).Error);
    }

    [Theory]
    [InlineData(AccountState.Disabled)]
    [InlineData(AccountState.Deleted)]
    public async Task A_token_of_an_account_that_is_closed_is_invalid(AccountState state)
    {
        var grant = await BeginAsync();
        await _world.ChangeAsync(grant.Account.Id, account => account with { State = state });

        Assert.Same(Errors.InvalidRefreshToken, (await RefreshAsync(grant)).Error);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(60)]
    public async Task Of_twenty_uses_at_once_one_wins(int grace)
    {
        var world = new World(World.Strict with { RefreshGrace = TimeSpan.FromSeconds(grace) });
        var first = await BeginAsync(world: world);

        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ =>
            Task.Run(() => world.Refresh.RunAsync(first.RefreshToken, CancellationToken.None).AsTask())));

        if (grace > 0)
        {
            // Each repeat takes the former pair back: of all that were told, one is good.
            Assert.All(answers, answer => Assert.True(answer.IsOk));
            var kept = answers.Count(answer => world.Memory.State.Tokens.ContainsKey(Convert.ToHexStringLower(Secret.Hash(answer.Value.RefreshToken))));
            Assert.Equal(1, kept);
            return;
        }
        Assert.Single(answers, answer => answer.IsOk);
        Assert.Single(answers, answer => answer.Error == Errors.RefreshTokenReused);
        Assert.Equal(18, answers.Count(answer => answer.Error == Errors.InvalidRefreshToken));
        Assert.Empty(world.Memory.State.Sessions);
    }

    [Fact]
    public async Task Within_the_grace_a_repeat_gives_a_new_pair_and_takes_the_former_back()
    {
        var world = new World(World.Strict with { RefreshGrace = TimeSpan.FromSeconds(30) });
        var first = await BeginAsync(world: world);
        var lost = (await RefreshAsync(first, world)).Value;

        world.Clock.Advance(TimeSpan.FromSeconds(30));
        var again = (await RefreshAsync(first, world)).Value;

        Assert.Same(Errors.InvalidRefreshToken, (await RefreshAsync(lost, world)).Error);
        Assert.True((await RefreshAsync(again, world)).IsOk);
    }

    [Fact]
    public async Task After_the_grace_a_repeat_is_a_second_use_however_often_it_was_repeated_before()
    {
        var world = new World(World.Strict with { RefreshGrace = TimeSpan.FromSeconds(30) });
        var first = await BeginAsync(world: world);
        await RefreshAsync(first, world);
        world.Clock.Advance(TimeSpan.FromSeconds(20));
        Assert.True((await RefreshAsync(first, world)).IsOk);

        world.Clock.Advance(TimeSpan.FromSeconds(10) + TimeSpan.FromMilliseconds(1));

        Assert.Same(Errors.RefreshTokenReused, (await RefreshAsync(first, world)).Error);
        Assert.Empty(world.Memory.State.Sessions);
    }

    [Fact]
    public async Task Within_the_grace_a_repeat_after_the_successor_was_used_is_a_second_use()
    {
        var world = new World(World.Strict with { RefreshGrace = TimeSpan.FromSeconds(30) });
        var first = await BeginAsync(world: world);
        var second = (await RefreshAsync(first, world)).Value;
        await RefreshAsync(second, world);

        Assert.Same(Errors.RefreshTokenReused, (await RefreshAsync(first, world)).Error);
        Assert.Empty(world.Memory.State.Sessions);
    }

    private async Task<TokenGrant> BeginAsync(string name = "alice", World? world = null)
    {
        world ??= _world;
        var caller = await world.AddAsync(name);
        var account = world.Memory.State.Accounts[caller.UserId];
        // The session that it was added with makes place for one whose token is known.
        await world.Memory.WriteAsync<bool>(async tx => await tx.Sessions.EndAsync(caller.SessionId), CancellationToken.None);
        var (grant, token) = new SessionTokens(world.AccessTokens, world.Settings).Begin(account, deviceId: 1, world.Clock.Now());
        await world.Memory.WriteAsync<Done>(tx => AddAsync(tx, grant.Session, token), CancellationToken.None);
        return grant;
    }

    private static async ValueTask<Result<Done>> AddAsync(ITransaction tx, Session session, RefreshToken token)
    {
        await tx.Sessions.AddAsync(session, token);
        return default(Done);
    }

    private ValueTask<Result<TokenGrant>> RefreshAsync(TokenGrant grant, World? world = null) =>
        (world ?? _world).Refresh.RunAsync(grant.RefreshToken, CancellationToken.None);
}
