namespace Mimu.Core.Devices;

/// <summary>A device of an account. The first is 1; linked ones are 2–127 (protocol 3.9).</summary>
/// <param name="UserId">Whose it is.</param>
/// <param name="DeviceId">1–127.</param>
/// <param name="Name">1–64 code points, as its owner calls it.</param>
/// <param name="SignalRegistrationId">libsignal's registration id, 1–16380; null for a client that has none.</param>
/// <param name="CreatedAt">When it was added.</param>
/// <param name="LastSeenAt">When it last got tokens.</param>
public sealed record Device(UserId UserId, int DeviceId, string? Name, int? SignalRegistrationId, DateTimeOffset CreatedAt, DateTimeOffset LastSeenAt)
{
    /// <summary>The device that an account begins with.</summary>
    public const int First = 1;
}

/// <summary>The devices of accounts.</summary>
public interface IDeviceStore
{
    /// <summary>Adds a device.</summary>
    ValueTask AddAsync(Device device);

    /// <summary>The account's devices by number.</summary>
    ValueTask<IReadOnlyList<Device>> ListAsync(UserId user);

    /// <summary>Notes that a device signed in, and its new name if it has one.</summary>
    ValueTask SeenAsync(UserId user, int deviceId, string? name, DateTimeOffset now);
}
