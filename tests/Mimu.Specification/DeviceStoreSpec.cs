using Mimu.Core.Devices;
using Mimu.Core.Keys;
using Xunit;

namespace Mimu.Specification;

/// <summary>What <see cref="IDeviceStore"/> promises.</summary>
public abstract class DeviceStoreSpec : StorageSpec
{
    [Fact]
    public async Task Devices_are_listed_by_number_as_they_were_added()
    {
        var (alice, bob) = (Sample.Account("alice"), Sample.Account("bob"));
        Device[] devices =
        [
            Sample.Device(alice.Id, 127),
            new Device(alice.Id, 1, Name: null, SignalRegistrationId: null, Sample.Now, Sample.Now.AddHours(1)),
            Sample.Device(alice.Id, 2),
        ];
        await WriteAsync(async tx =>
        {
            await tx.Accounts.AddAsync(alice);
            await tx.Accounts.AddAsync(bob);
            await tx.Devices.AddAsync(Sample.Device(bob.Id));
            foreach (var device in devices)
            {
                await tx.Devices.AddAsync(device);
            }
        });

        Alike.Equal(devices.OrderBy(device => device.DeviceId), await ReadAsync(tx => tx.Devices.ListAsync(alice.Id)));
    }

    [Fact]
    public async Task Nobody_has_devices_who_is_not_known() =>
        Assert.Empty(await ReadAsync(tx => tx.Devices.ListAsync(Sample.Account("alice").Id)));

    [Fact]
    public async Task A_device_that_is_seen_keeps_its_name_unless_it_has_a_new_one()
    {
        var alice = Sample.Account("alice");
        var (phone, tablet) = (Sample.Device(alice.Id, 1), Sample.Device(alice.Id, 2));
        await WriteAsync(async tx =>
        {
            await tx.Accounts.AddAsync(alice);
            await tx.Devices.AddAsync(phone);
            await tx.Devices.AddAsync(tablet);
        });

        await WriteAsync(tx => tx.Devices.SeenAsync(alice.Id, 1, name: null, Sample.Now.AddDays(1)));
        Alike.Equal((Device[])[phone with { LastSeenAt = Sample.Now.AddDays(1) }, tablet], await ReadAsync(tx => tx.Devices.ListAsync(alice.Id)));

        await WriteAsync(tx => tx.Devices.SeenAsync(alice.Id, 2, "A new name", Sample.Now.AddDays(2)));
        Alike.Equal(tablet with { Name = "A new name", LastSeenAt = Sample.Now.AddDays(2) }, (await ReadAsync(tx => tx.Devices.ListAsync(alice.Id)))[1]);
    }

    [Fact]
    public async Task Numbers_go_round_before_one_comes_back()
    {
        var alice = await WriteAsync(tx => tx.AddAccountAsync("alice"));
        for (var expected = 2; expected <= 127; expected++)
        {
            Assert.Equal(expected, await WriteAsync(tx => tx.Devices.TakeNumberAsync(alice.Id)));
            if (expected != 4)
            {
                await WriteAsync(tx => tx.Devices.AddAsync(Sample.Device(alice.Id, expected)));
            }
        }
        Assert.True(await WriteAsync(tx => tx.Devices.RemoveAsync(alice.Id, 100)));
        Assert.False(await WriteAsync(tx => tx.Devices.RemoveAsync(alice.Id, 100)));
        foreach (var expected in (int[])[4, 100])
        {
            Assert.Equal(expected, await WriteAsync(tx => tx.Devices.TakeNumberAsync(alice.Id)));
            await WriteAsync(tx => tx.Devices.AddAsync(Sample.Device(alice.Id, expected)));
        }
        Assert.Null(await WriteAsync(tx => tx.Devices.TakeNumberAsync(alice.Id)));
    }

    [Fact]
    public async Task A_device_goes_with_its_keys_and_sessions_and_no_others()
    {
        var alice = await WriteAsync(tx => tx.AddAccountAsync("alice"));
        var (own, others) = (Sample.Session(alice.Id, 2), Sample.Session(alice.Id));
        await WriteAsync(async tx =>
        {
            await tx.Devices.AddAsync(Sample.Device(alice.Id, 2));
            await tx.Sessions.AddAsync(own, Sample.Token(own.Id));
            await tx.Sessions.AddAsync(others, Sample.Token(others.Id));
            await tx.Keys.AddAsync(alice.Id, 1, [Sample.Prekey(PrekeyKind.OneTime, 1)]);
            await tx.Keys.AddAsync(alice.Id, 2, [Sample.Prekey(PrekeyKind.OneTime, 1)]);
        });

        await WriteAsync(tx => tx.Devices.RemoveAsync(alice.Id, 2));

        Assert.Null(await ReadAsync(tx => tx.Sessions.FindAsync(own.Id)));
        Assert.NotNull(await ReadAsync(tx => tx.Sessions.FindAsync(others.Id)));
        Assert.False((await ReadAsync(tx => tx.Keys.CountAsync(alice.Id, 2))).HadOneTime);
        Assert.True((await ReadAsync(tx => tx.Keys.CountAsync(alice.Id, 1))).HadOneTime);
    }
}
