namespace Mimu.Core.Devices;

/// <summary>Knows who has an open socket at the moment.</summary>
public interface IPresence
{
    /// <summary>The devices of this user that have one. Quick, and from any thread.</summary>
    DeviceSet OnlineDevices(UserId user);
}
