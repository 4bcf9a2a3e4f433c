using Mimu.Core.Devices;

namespace Mimu.Core.Tests.Memory;

/// <summary>Who has a socket, as a test says.</summary>
internal sealed class OnlineDevices : IPresence
{
    private readonly Dictionary<UserId, DeviceSet> _online = [];

    public void Connect(Caller caller) => _online[caller.UserId] = ((IPresence)this).OnlineDevices(caller.UserId).With(caller.DeviceId);

    public void Disconnect(Caller caller) => _online.Remove(caller.UserId);

    DeviceSet IPresence.OnlineDevices(UserId user) => _online.GetValueOrDefault(user);
}
