using Mimu.Core.Accounts;
using Mimu.Core.Sessions;
using Mimu.Core.Storage;
using Xunit;

namespace Mimu.Core.Tests.Sessions;

public sealed class LoginTests
{
    private const string Password = "correct horse battery staple";

    private readonly World _world = new();

    [Fact]
    public async Task Login_with_the_right_password_begins_a_session()
    {
        var alice = await _world.AddAsync("alice", password: Password);
        _world.Clock.Advance(TimeSpan.FromDays(1));

        var grant = (await LoginAsync("alice", name: "A new name")).Value;

        Assert.Equal(alice.UserId, grant.Account.Id);
        Assert.Equal(new Caller(alice.UserId, grant.Session.Id, 1), (await _world.AccessTokens.ReadAsync(grant.AccessToken)).Value.Caller);
        Assert.Equal(TimeSpan.FromMinutes(15), grant.ExpiresIn);
        var state = _world.Memory.State;
        Assert.Equal(2, state.Sessions.Count);
        Assert.Equal(grant.Session, state.Sessions[grant.Session.Id]);
        Assert.Equal(_world.Clock.Now().AddDays(30), state.Tokens[Convert.ToHexStringLower(Secret.Hash(grant.RefreshToken))].ExpiresAt);
        var device = Assert.Single(state.Devices).Value;
        Assert.Equal(("A new name", _world.Clock.Now()), (device.Name, device.LastSeenAt));
    }

    [Fact]
    public async Task Login_without_a_device_name_keeps_the_old_one()
    {
        await _world.AddAsync("alice", password: Password);

        Assert.True((await LoginAsync("ALICE")).IsOk);

        Assert.Equal("Device 1", Assert.Single(_world.Memory.State.Devices).Value.Name);
    }

    [Theory]
    [InlineData("alice", "wrong password")]
    [InlineData("alice", "")]
    [InlineData("nobody", Password)]
    [InlineData("gone", Password)]
    [InlineData("no name at all", Password)]
    [InlineData("", Password)]
    [InlineData("disabled", "wrong password")]
    public async Task Login_answers_alike_to_whoever_is_wrong(string publicId, string password)
    {
        await _world.AddAsync("alice", password: Password);
        await _world.AddAsync("gone", AccountState.Deleted, Password);
        await _world.AddAsync("disabled", AccountState.Disabled, Password);
        var before = _world.Memory.State;

        Assert.Same(Errors.InvalidCredentials, (await LoginAsync(publicId, password)).Error);

        Assert.Same(before, _world.Memory.State);
    }

    [Fact]
    public async Task Login_to_a_disabled_account_says_so_to_who_knows_the_password()
    {
        await _world.AddAsync("alice", AccountState.Disabled, Password);
        var before = _world.Memory.State;

        Assert.Same(Errors.AccountDisabled, (await LoginAsync("alice")).Error);

        Assert.Same(before, _world.Memory.State);
    }

    [Fact]
    public async Task Login_from_a_device_that_the_account_lacks_names_it_and_stores_nothing()
    {
        await _world.AddAsync("alice", password: Password);
        var before = _world.Memory.State;

        var refusal = Assert.IsType<ValidationFailed>((await LoginAsync("alice", deviceId: 2)).Error);

        Assert.Equal("device_id", Assert.Single(refusal.Faults).Path);
        Assert.Same(before, _world.Memory.State);
    }

    [Fact]
    public async Task Login_renews_a_hash_that_is_weaker_than_the_setting()
    {
        var alice = await _world.AddAsync("alice", password: Password);
        var weak = _world.Memory.State.Accounts[alice.UserId].PasswordHash;
        var dearer = new World(passwords: World.Cheap with { Iterations = 2 }) { Database = _world.Memory };

        Assert.True((await dearer.Login.RunAsync(new LoginCommand("alice", Password, 1, DeviceName: null), CancellationToken.None)).IsOk);

        var renewed = _world.Memory.State.Accounts[alice.UserId].PasswordHash;
        Assert.NotEqual(weak, renewed);
        Assert.False(dearer.Passwords.IsWeaker(renewed));
        Assert.True((await dearer.Passwords.VerifyAsync(Password, renewed, CancellationToken.None)).Value);
    }

    [Fact]
    public async Task Login_leaves_a_hash_that_is_strong_enough()
    {
        var alice = await _world.AddAsync("alice", password: Password);
        var hash = _world.Memory.State.Accounts[alice.UserId].PasswordHash;

        Assert.True((await LoginAsync("alice")).IsOk);

        Assert.Equal(hash, _world.Memory.State.Accounts[alice.UserId].PasswordHash);
    }

    [Fact]
    public async Task Login_with_the_right_password_whose_hash_another_login_renewed_meanwhile_is_let_in()
    {
        var alice = await _world.AddAsync("alice", password: Password);
        var command = new LoginCommand("alice", Password, 1, DeviceName: null);
        var dearer = new World(passwords: World.Cheap with { Iterations = 2 }) { Database = _world.Memory };
        var login = LoginOver(async () => Assert.True((await dearer.Login.RunAsync(command, CancellationToken.None)).IsOk), dearer);

        Assert.Null((await login.RunAsync(command, CancellationToken.None)).Error);

        Assert.Equal(3, _world.Memory.State.Sessions.Count);
        Assert.False(dearer.Passwords.IsWeaker(_world.Memory.State.Accounts[alice.UserId].PasswordHash));
    }

    [Theory]
    [InlineData(AccountState.Disabled, "account_disabled")]
    [InlineData(AccountState.Deleted, "invalid_credentials")]
    public async Task Login_to_an_account_that_was_closed_while_the_hash_was_computed_is_refused(AccountState state, string code)
    {
        var alice = await _world.AddAsync("alice", password: Password);
        var login = LoginOver(() => _world.ChangeAsync(alice.UserId, account => account with { State = state }));

        Assert.Equal(code, (await login.RunAsync(new LoginCommand("alice", Password, 1, DeviceName: null), CancellationToken.None)).Error?.Code);

        Assert.Single(_world.Memory.State.Sessions);
    }

    [Fact]
    public async Task Login_with_a_password_that_was_changed_while_its_hash_was_computed_is_refused()
    {
        var alice = await _world.AddAsync("alice", password: Password);
        var other = (await _world.Passwords.HashAsync("another password", CancellationToken.None)).Value;
        var login = LoginOver(() => _world.ChangeAsync(alice.UserId, account => account with { PasswordHash = other }));

        Assert.Same(Errors.InvalidCredentials, (await login.RunAsync(new LoginCommand("alice", Password, 1, DeviceName: null), CancellationToken.None)).Error);

        Assert.Single(_world.Memory.State.Sessions);
    }

    [Fact]
    public async Task A_login_that_can_not_be_hashed_is_refused_before_anything_is_read()
    {
        // Each hash takes long, so that none is finished while the login is refused.
        var busy = new World(passwords: new PasswordSettings(MemoryKiB: 16 * 1024, Iterations: 4));
        using var cancel = new CancellationTokenSource();
        var others = Enumerable.Range(0, 64 + Math.Max(1, Environment.ProcessorCount / 2)).Select(_ => busy.Passwords.HashAsync("a password", cancel.Token)).ToList();
        var hasRead = false;

        var refused = await LoginOver(() => { hasRead = true; return Task.CompletedTask; }, busy)
            .RunAsync(new LoginCommand("alice", Password, 1, null), CancellationToken.None);

        Assert.True(Assert.IsType<Overloaded>(refused.Error).RetryAfter > TimeSpan.Zero);
        Assert.False(hasRead);
        await cancel.CancelAsync();
        await Task.WhenAll(others.Select(other => other.ContinueWith(_ => { }, TaskScheduler.Default)));
        Assert.Null(busy.Passwords.Refusal);
    }

    private ValueTask<Result<TokenGrant>> LoginAsync(string publicId, string password = Password, int deviceId = 1, string? name = null) =>
        _world.Login.RunAsync(new LoginCommand(publicId, password, deviceId, name), CancellationToken.None);

    /// <summary>A login during which something happens, after its first look at the account.</summary>
    private Login LoginOver(Func<Task> happening, World? world = null) => new(new Interrupted(_world.Memory, happening),
        (world ?? _world).Passwords, new SessionTokens(_world.AccessTokens, _world.Settings), _world.Clock);

    private sealed class Interrupted(IDatabase database, Func<Task> happening) : IDatabase
    {
        private bool _hasHappened;

        public ValueTask ScrubAsync(CancellationToken cancellation) => database.ScrubAsync(cancellation);

        public async ValueTask<T> ReadAsync<T>(Func<ITransaction, ValueTask<T>> read, CancellationToken cancellation)
        {
            var value = await database.ReadAsync(read, cancellation);
            if (!_hasHappened)
            {
                _hasHappened = true;
                await happening();
            }
            return value;
        }

        public ValueTask<Result<T>> WriteAsync<T>(Func<ITransaction, ValueTask<Result<T>>> write, CancellationToken cancellation) =>
            database.WriteAsync(write, cancellation);
    }
}
