using Mimu.Appliance.Auth;
using Mimu.Appliance.Http;
using Mimu.Appliance.Keys;
using Mimu.Core;
using Mimu.Core.Devices;
using Mimu.Core.Keys;

namespace Mimu.Appliance.Devices;

/// <summary>The bodies of protocol 3.9.</summary>
internal static class DeviceBodies
{
    private const int MaxName = 64;

    /// <param name="fields">The body.</param>
    /// <param name="limits">How many prekeys there may be.</param>
    /// <param name="signingKey">The account's, which a linked device shares.</param>
    public static LinkDeviceCommand Link(Fields fields, Limits limits, byte[] signingKey)
    {
        var keys = PrekeyBodies.Upload(fields, limits);
        KeyChecks.CheckPrekeys(keys, signingKey, fields.Faults);
        return new LinkDeviceCommand(fields.Password(), fields.Name("device_name", MaxName), PrekeyBodies.SignalRegistrationId(fields),
            new PublishPrekeysCommand(keys, signingKey));
    }
}

/// <summary>One of the caller's devices (protocol 3.9).</summary>
internal sealed record DeviceBody(int DeviceId, string? DeviceName, string CreatedAt, string LastSeenAt, bool Current)
{
    public static DeviceBody From(Device device, Caller caller) => new(device.DeviceId, device.Name, Wire.Time(device.CreatedAt), Wire.Time(device.LastSeenAt),
        device.DeviceId == caller.DeviceId);
}

/// <summary>The caller's devices (protocol 3.9).</summary>
internal sealed record DevicesBody(IReadOnlyList<DeviceBody> Devices);
