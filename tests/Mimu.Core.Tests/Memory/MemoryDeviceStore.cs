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
