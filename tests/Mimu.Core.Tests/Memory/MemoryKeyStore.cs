using Mimu.Core.Keys;

namespace Mimu.Core.Tests.Memory;

internal sealed class MemoryKeyStore(MemoryTransaction tx) : IKeyStore
{
    public ValueTask AddAsync(UserId user, int deviceId, IEnumerable<Prekey> prekeys)
    {
        foreach (var prekey in prekeys)
        {
            if (tx.State.Prekeys.Any(one => one.User == user && one.DeviceId == deviceId && one.Key.KeyId == prekey.KeyId && Space(one.Key) == Space(prekey)))
            {
                throw new InvalidOperationException("The device has a key of this number.");
            }
            tx.State = tx.State with { Prekeys = tx.State.Prekeys.Add((user, deviceId, prekey)) };
        }
        return ValueTask.CompletedTask;
    }

    public ValueTask<Prekey?> FindStandingAsync(UserId user, int deviceId, PrekeyKind kind) => new(FindOldest(user, deviceId, kind));

    public ValueTask<Prekey?> TakeAsync(UserId user, int deviceId, PrekeyKind kind)
    {
        var oldest = FindOldest(user, deviceId, kind);
        if (oldest is not null)
        {
            tx.State = tx.State with { Prekeys = tx.State.Prekeys.Remove((user, deviceId, oldest)) };
        }
        return new(oldest);
    }

    private Prekey? FindOldest(UserId user, int deviceId, PrekeyKind kind) =>
        tx.State.Prekeys.Find(one => one.User == user && one.DeviceId == deviceId && one.Key.Kind == kind).Key;

    /// <summary>The KEM keys have one space of numbers, the last resort included (protocol 3.4).</summary>
    private static PrekeyKind Space(Prekey key) => key.Kind is PrekeyKind.PqLastResort ? PrekeyKind.PqOneTime : key.Kind;
}
