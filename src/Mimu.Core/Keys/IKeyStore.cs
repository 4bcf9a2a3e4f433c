namespace Mimu.Core.Keys;

/// <summary>The prekeys of devices. What has been handed out once never comes back, whatever runs at once.</summary>
public interface IKeyStore
{
    /// <summary>Stores the first prekeys of a device, in the order given.</summary>
    ValueTask AddAsync(UserId user, int deviceId, IEnumerable<Prekey> prekeys);

    /// <summary>The device's signed prekey or its KEM prekey of last resort; null if it left none.</summary>
    ValueTask<Prekey?> FindStandingAsync(UserId user, int deviceId, PrekeyKind kind);

    /// <summary>Takes the oldest one-time prekey of a kind for good; null when none is left.</summary>
    ValueTask<Prekey?> TakeAsync(UserId user, int deviceId, PrekeyKind kind);
}
