using Mimu.Core.Accounts;
using Mimu.Core.Devices;
using Mimu.Core.Keys;
using Mimu.Core.Sessions;
using Mimu.Specification;
using Xunit;

namespace Mimu.Core.Tests.Accounts;

public sealed class RegisterTests
{
    private readonly World _world = new();

    [Fact]
    public async Task Register_makes_account_device_keys_and_session()
    {
        var command = Command("alice");

        var grant = (await _world.Register.RunAsync(command, CancellationToken.None)).Value;

        var now = _world.Clock.Now();
        var state = _world.Memory.State;
        var account = Assert.Single(state.Accounts).Value;
        Assert.Equal(4, account.Id.Value.Version);
        Alike.Equal(new Account(account.Id, Sample.Name("alice"), "Alice", Avatar: null, command.IdentityKey, command.SigningKey,
            account.PasswordHash, AccountState.Active, now), account);
        Alike.Equal(account, grant.Account);
        Assert.Equal(new Device(account.Id, 1, "Pixel 9", 4711, now, now), Assert.Single(state.Devices).Value);
        Assert.Equal(command.Prekeys.All, state.Prekeys.Select(one => one.Key));
        Assert.All(state.Prekeys, one => Assert.Equal((account.Id, 1), (one.User, one.DeviceId)));
        Assert.Equal(new Session(grant.Session.Id, account.Id, 1, now, now), Assert.Single(state.Sessions).Value);
        Alike.Equal(new RefreshToken(Secret.Hash(grant.RefreshToken), grant.Session.Id, now.AddDays(30)), Assert.Single(state.Tokens).Value);
        Assert.Equal(grant.Session.ToCaller(), (await _world.AccessTokens.ReadAsync(grant.AccessToken)).Value.Caller);
    }

    [Fact]
    public async Task Register_keeps_a_hash_of_the_password_and_not_the_password()
    {
        await _world.Register.RunAsync(Command("alice"), CancellationToken.None);

        var hash = Assert.Single(_world.Memory.State.Accounts).Value.PasswordHash;
        Assert.StartsWith("$argon2id$v=19$m=8,t=1,p=1$", hash, StringComparison.Ordinal);
        Assert.True((await _world.Passwords.VerifyAsync("a good password", hash, CancellationToken.None)).Value);
    }

    [Fact]
    public async Task Register_without_a_display_name_takes_the_public_id()
    {
        await _world.Register.RunAsync(Command("alice") with { DisplayName = null, DeviceName = null, SignalRegistrationId = null }, CancellationToken.None);

        Assert.Equal("alice", Assert.Single(_world.Memory.State.Accounts).Value.DisplayName);
        var device = Assert.Single(_world.Memory.State.Devices).Value;
        Assert.Null(device.Name);
        Assert.Null(device.SignalRegistrationId);
    }

    /// <summary>SHA-256 of 32 zero bytes, by sha256sum.</summary>
    [Fact]
    public void A_fingerprint_is_the_hash_of_the_raw_identity_key_in_lower_case() =>
        Assert.Equal("66687aadf862bd776c8fc18b8e9f8e20089714856ee233b3902a591d0d5f2925", Account.FingerprintOf(new byte[32]));

    [Theory]
    [InlineData(RegistrationMode.Closed, "registration_closed")]
    [InlineData(RegistrationMode.Invite, "invite_invalid")]
    public async Task Register_where_not_everyone_may_is_refused_and_stores_nothing(RegistrationMode mode, string code)
    {
        var before = _world.Memory.State;

        Assert.Equal(code, (await _world.RegisterWhile(mode).RunAsync(Command("alice"), CancellationToken.None)).Error?.Code);

        Assert.Same(before, _world.Memory.State);
    }

    [Theory]
    [InlineData(AccountState.Active)]
    [InlineData(AccountState.Disabled)]
    [InlineData(AccountState.Deleted)]
    public async Task Register_under_a_name_that_is_taken_is_refused_and_stores_nothing(AccountState state)
    {
        await _world.AddAsync("alice", state);
        var before = _world.Memory.State;

        Assert.Same(Errors.PublicIdTaken, (await _world.Register.RunAsync(Command("alice"), CancellationToken.None)).Error);

        Assert.Same(before, _world.Memory.State);
    }

    [Fact]
    public async Task Of_twenty_who_register_under_a_name_at_once_one_gets_it_and_nothing_is_left_of_the_others()
    {
        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ =>
            Task.Run(() => _world.Register.RunAsync(Command("alice"), CancellationToken.None).AsTask())));

        var winner = Assert.Single(answers, answer => answer.IsOk).Value;
        Assert.Equal(19, answers.Count(answer => answer.Error == Errors.PublicIdTaken));
        var state = _world.Memory.State;
        Assert.Equal(winner.Account.Id, Assert.Single(state.Accounts).Key);
        Assert.Equal(winner.Account.Id, Assert.Single(state.Devices).Value.UserId);
        Assert.Equal(winner.Session.Id, Assert.Single(state.Sessions).Key);
        Assert.Single(state.Tokens);
        Assert.Equal(Command("alice").Prekeys.All.Count(), state.Prekeys.Count);
    }

    [Fact]
    public async Task Register_with_keys_that_can_not_be_stored_leaves_no_row()
    {
        var before = _world.Memory.State;
        var command = Command("alice");
        command = command with { Prekeys = command.Prekeys with { OneTime = [.. command.Prekeys.OneTime, Sample.Prekey(PrekeyKind.OneTime, 1)] } };

        await Assert.ThrowsAnyAsync<Exception>(() => _world.Register.RunAsync(command, CancellationToken.None).AsTask());

        Assert.Same(before, _world.Memory.State);
    }

    [Fact]
    public async Task Register_while_there_is_too_much_to_hash_says_so_and_stores_nothing()
    {
        var world = new World(passwords: new PasswordSettings(MemoryKiB: 16 * 1024, Iterations: 4));
        using var cancel = new CancellationTokenSource();
        var others = Enumerable.Range(0, 200).Select(_ => world.Passwords.HashAsync("a password", cancel.Token)).ToList();

        var answer = await world.Register.RunAsync(Command("alice"), CancellationToken.None);

        Assert.IsType<Overloaded>(answer.Error);
        Assert.Empty(world.Memory.State.Accounts);
        await cancel.CancelAsync();
        await Task.WhenAll(others).ContinueWith(_ => { }, TaskScheduler.Default).Within("the hashes that were cancelled");
    }

    private static RegisterCommand Command(string name) => new(Sample.Name(name), "a good password", "Alice", [.. Enumerable.Repeat((byte)9, 32)],
        [.. Enumerable.Repeat((byte)3, 32)], new PrekeyUpload(Sample.Prekey(PrekeyKind.Signed, 1), [Sample.Prekey(PrekeyKind.OneTime, 1), Sample.Prekey(PrekeyKind.OneTime, 2)],
            Sample.Prekey(PrekeyKind.PqLastResort, 1), [Sample.Prekey(PrekeyKind.PqOneTime, 2)]), "Pixel 9", 4711);
}
