using Mimu.Core.Accounts;
using Mimu.Core.Keys;
using Mimu.Specification;
using Xunit;

namespace Mimu.Core.Tests.Keys;

public sealed class FetchPrekeysTests
{
    private readonly World _world = new();

    [Fact]
    public async Task A_fetch_takes_the_oldest_one_time_keys_and_gives_the_standing_one()
    {
        var (alice, bob) = (await _world.AddAsync("alice"), await _world.AddAsync("bob"));
        var keys = await AddKeysAsync(bob.UserId, 1, oneTime: 2, pqOneTime: 1, lastResort: true);

        var first = (await FetchAsync(alice)).Value;
        var second = (await FetchAsync(alice)).Value;
        var third = (await FetchAsync(alice)).Value;

        Alike.Equal(new DeviceBundle(1, 4711, keys.Signed!, keys.OneTime[0], keys.PqOneTime[0]), Assert.Single(first.Devices));
        Alike.Equal(new DeviceBundle(1, 4711, keys.Signed!, keys.OneTime[1], keys.PqLastResort), Assert.Single(second.Devices));
        Alike.Equal(new DeviceBundle(1, 4711, keys.Signed!, OneTime: null, keys.PqLastResort), Assert.Single(third.Devices));
        Assert.Equal(bob.UserId, first.Account.Id);
    }

    [Fact]
    public async Task A_fetch_from_a_client_without_post_quantum_keys_has_none()
    {
        var (alice, bob) = (await _world.AddAsync("alice"), await _world.AddAsync("bob"));
        await AddKeysAsync(bob.UserId, 1);

        Assert.Null(Assert.Single((await FetchAsync(alice)).Value.Devices).Pq);
    }

    [Fact]
    public async Task A_fetch_gives_a_bundle_of_every_device_in_their_order()
    {
        var (alice, bob) = (await _world.AddAsync("alice"), await _world.AddAsync("bob"));
        await AddKeysAsync(bob.UserId, 1, oneTime: 1);
        await AddDeviceAsync(bob.UserId, 3);
        await AddDeviceAsync(bob.UserId, 2);

        var bundle = (await FetchAsync(alice)).Value;

        Assert.Equal([1, 2, 3], bundle.Devices.Select(device => device.DeviceId));
        Assert.All(bundle.Devices, device => Assert.NotNull(device.OneTime));
    }

    [Fact]
    public async Task A_fetch_of_one_device_leaves_the_keys_of_the_others()
    {
        var (alice, bob) = (await _world.AddAsync("alice"), await _world.AddAsync("bob"));
        await AddKeysAsync(bob.UserId, 1, oneTime: 1);
        await AddDeviceAsync(bob.UserId, 2);

        Assert.Equal(2, Assert.Single((await FetchAsync(alice, device: 2)).Value.Devices).DeviceId);

        Assert.NotNull(Assert.Single((await FetchAsync(alice, device: 1)).Value.Devices).OneTime);
    }

    [Fact]
    public async Task A_fetch_of_ones_own_account_leaves_the_calling_device_out()
    {
        var bob = await _world.AddAsync("bob");
        await AddKeysAsync(bob.UserId, 1, oneTime: 1);
        await AddDeviceAsync(bob.UserId, 2);

        Assert.Equal([2], (await FetchAsync(bob)).Value.Devices.Select(device => device.DeviceId));
        Assert.Equal([1], (await FetchAsync(bob with { DeviceId = 2 })).Value.Devices.Select(device => device.DeviceId));
        Assert.Same(Errors.NotFound, (await FetchAsync(bob, device: 1)).Error);
    }

    [Fact]
    public async Task A_fetch_of_ones_own_account_with_one_device_finds_nothing_and_takes_nothing()
    {
        var bob = await _world.AddAsync("bob");
        await AddKeysAsync(bob.UserId, 1, oneTime: 1);
        var before = _world.Memory.State;

        Assert.Same(Errors.NotFound, (await FetchAsync(bob)).Error);

        Assert.Same(before, _world.Memory.State);
    }

    [Theory]
    [InlineData(AccountState.Active, true)]
    [InlineData(AccountState.Disabled, true)]
    [InlineData(AccountState.Deleted, false)]
    public async Task A_fetch_finds_whoever_was_not_deleted(AccountState state, bool isFound)
    {
        var (alice, bob) = (await _world.AddAsync("alice"), await _world.AddAsync("bob", state));
        await AddKeysAsync(bob.UserId, 1);

        Assert.Equal(isFound ? null : Errors.NotFound, (await FetchAsync(alice)).Error);
    }

    [Fact]
    public async Task A_fetch_of_nobody_or_of_no_device_finds_nothing()
    {
        var (alice, bob) = (await _world.AddAsync("alice"), await _world.AddAsync("bob"));
        await AddKeysAsync(bob.UserId, 1);

        Assert.Same(Errors.NotFound, (await _world.FetchPrekeys.RunAsync(alice, Sample.Name("nobody"), deviceId: null, CancellationToken.None)).Error);
        Assert.Same(Errors.NotFound, (await FetchAsync(alice, device: 2)).Error);
    }

    [Fact]
    public async Task Of_sixty_who_fetch_at_once_no_two_get_the_same_one_time_key()
    {
        var (alice, bob) = (await _world.AddAsync("alice"), await _world.AddAsync("bob"));
        await AddKeysAsync(bob.UserId, 1, oneTime: 40, pqOneTime: 20, lastResort: true);

        var bundles = await Task.WhenAll(Enumerable.Range(0, 60).Select(_ => Task.Run(() => FetchAsync(alice).AsTask())));

        var devices = bundles.Select(bundle => Assert.Single(bundle.Value.Devices)).ToList();
        Assert.Equal(40, devices.Select(device => device.OneTime?.KeyId).OfType<int>().Distinct().Count());
        Assert.Equal(20, devices.Count(device => device.OneTime is null));
        Assert.Equal(20, devices.Where(device => device.Pq!.Kind is PrekeyKind.PqOneTime).DistinctBy(device => device.Pq!.KeyId).Count());
        Assert.Equal(40, devices.Count(device => device.Pq!.Kind is PrekeyKind.PqLastResort));
    }

    private ValueTask<Result<PrekeyBundle>> FetchAsync(Caller caller, int? device = null) =>
        _world.FetchPrekeys.RunAsync(caller, Sample.Name("bob"), device, CancellationToken.None);

    private async Task AddDeviceAsync(UserId user, int id)
    {
        await _world.Memory.WriteAsync<Done>(async tx =>
        {
            await tx.Devices.AddAsync(Sample.Device(user, id));
            return default(Done);
        }, CancellationToken.None);
        await AddKeysAsync(user, id, oneTime: 1);
    }

    private async Task<PrekeyUpload> AddKeysAsync(UserId user, int device, int oneTime = 0, int pqOneTime = 0, bool lastResort = false)
    {
        var keys = new PrekeyUpload(Sample.Prekey(PrekeyKind.Signed, 1),
            [.. Enumerable.Range(0, oneTime).Select(id => Sample.Prekey(PrekeyKind.OneTime, id))],
            lastResort ? Sample.Prekey(PrekeyKind.PqLastResort, 1000) : null,
            [.. Enumerable.Range(0, pqOneTime).Select(id => Sample.Prekey(PrekeyKind.PqOneTime, id))]);
        await _world.Memory.WriteAsync<Done>(async tx =>
        {
            await tx.Keys.AddAsync(user, device, keys.All);
            return default(Done);
        }, CancellationToken.None);
        return keys;
    }
}
