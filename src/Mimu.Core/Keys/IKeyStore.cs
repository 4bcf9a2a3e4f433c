namespace Mimu.Core.Keys;

/// <summary>The prekeys of devices. What has been handed out once never comes back, whatever runs at once.</summary>
public interface IKeyStore
{
    /// <summary>Stores the first prekeys of a device, in the order given.</summary>
    ValueTask AddAsync(UserId user, int deviceId, IEnumerable<Prekey> prekeys);

    /// <summary>
    /// Stores a prekey under a number that the device has not used for this kind yet. A signed one or a KEM one of last resort takes the place of the
    /// one that stands, which is of no more use. Numbers are used for good, whatever became of their keys.
    /// </summary>
    ValueTask<PrekeyAddition> PublishAsync(UserId user, int deviceId, Prekey prekey);

    /// <summary>What a device has left.</summary>
    ValueTask<PrekeyStock> CountAsync(UserId user, int deviceId);

    /// <summary>Forgets all prekeys of a device and their numbers.</summary>
    ValueTask RemoveAllAsync(UserId user, int deviceId);

    /// <summary>The device's signed prekey or its KEM prekey of last resort; null if it left none.</summary>
    ValueTask<Prekey?> FindStandingAsync(UserId user, int deviceId, PrekeyKind kind);

    /// <summary>Takes the oldest one-time prekey of a kind for good; null when none is left.</summary>
    ValueTask<Prekey?> TakeAsync(UserId user, int deviceId, PrekeyKind kind);
}

/// <summary>What became of a prekey that was to be stored.</summary>
public enum PrekeyAddition
{
    /// <summary>It is stored.</summary>
    Added,

    /// <summary>It was stored before; nothing was changed. A one-time key that has been handed out stays handed out.</summary>
    Known,

    /// <summary>The number belongs to another key; nothing was changed.</summary>
    NumberTaken,
}
