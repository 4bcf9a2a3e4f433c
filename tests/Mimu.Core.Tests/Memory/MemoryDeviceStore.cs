using Mimu.Core.Devices;

namespace Mimu.Core.Tests.Memory;

internal sealed class MemoryDeviceStore(MemoryTransaction tx) : IDeviceStore
{
    public ValueTask AddAsync(Device device)
    {
        if (!tx.State.Accounts.ContainsKey(device.UserId) || device.DeviceId is < 1 or > 127)
        {
            throw new InvalidOperationException("A device has an account and a number from 1 to 127.");
        }
        if (tx.State.Devices.ContainsKey((device.UserId, device.DeviceId)))
        {
            throw new InvalidOperationException("The account has a device of this number.");
        }
        tx.State = tx.State with { Devices = tx.State.Devices.Add((device.UserId, device.DeviceId), device) };
        return ValueTask.CompletedTask;
    }

    public ValueTask<int?> TakeNumberAsync(UserId user)
    {
        var last = tx.State.LastDevices.GetValueOrDefault(user, Device.First);
        var free = Enumerable.Range(Device.First + 1, Device.Last - Device.First).Where(number => !tx.State.Devices.ContainsKey((user, number))).ToList();
        if (free.Count == 0)
        {
            return new((int?)null);
        }
        var number = free.Any(one => one > last) ? free.First(one => one > last) : free[0];
        tx.State = tx.State with { LastDevices = tx.State.LastDevices.SetItem(user, number) };
        return new(number);
    }

    public async ValueTask<bool> RemoveAsync(UserId user, int deviceId)
    {
        if (!tx.State.Devices.ContainsKey((user, deviceId)))
        {
            return false;
        }
        await new MemorySessionStore(tx).EndAllAsync(user, but: null, deviceId);
        await new MemoryKeyStore(tx).RemoveAllAsync(user, deviceId);
        new MemoryPushStore(tx).RemoveAll(registration => (registration.UserId, registration.DeviceId) == (user, deviceId));
        tx.State = tx.State with { Devices = tx.State.Devices.Remove((user, deviceId)) };
        return true;
    }

    public ValueTask<IReadOnlyList<Device>> ListAsync(UserId user) => new(tx.State.Devices.Values.Where(device => device.UserId == user).ToList());

    public ValueTask SeenAsync(UserId user, int deviceId, string? name, DateTimeOffset now)
    {
        if (tx.State.Devices.TryGetValue((user, deviceId), out var device))
        {
            tx.State = tx.State with
            {
                Devices = tx.State.Devices.SetItem((user, deviceId), device with { Name = name ?? device.Name, LastSeenAt = now }),
            };
        }
        return ValueTask.CompletedTask;
    }
}
