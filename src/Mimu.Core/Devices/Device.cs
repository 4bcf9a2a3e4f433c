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

    /// <summary>The highest number: libsignal has seven bits for it.</summary>
    public const int Last = 127;
}

/// <summary>The devices of accounts.</summary>
public interface IDeviceStore
{
    /// <summary>Adds a device.</summary>
    ValueTask AddAsync(Device device);

    /// <summary>
    /// A number for a linked device, 2–127; null when all are in use. Each goes round before it comes back, so that what others still have for a
    /// removed device does not reach the next one for a long time.
    /// </summary>
    ValueTask<int?> TakeNumberAsync(UserId user);

    /// <summary>Removes a device with its prekeys, sessions and push registrations; false if there is none.</summary>
    ValueTask<bool> RemoveAsync(UserId user, int deviceId);

    /// <summary>The account's devices by number.</summary>
    ValueTask<IReadOnlyList<Device>> ListAsync(UserId user);

    /// <summary>Notes that a device signed in, and its new name if it has one.</summary>
    ValueTask SeenAsync(UserId user, int deviceId, string? name, DateTimeOffset now);
}
