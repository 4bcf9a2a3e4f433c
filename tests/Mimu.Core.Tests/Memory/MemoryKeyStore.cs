using System.Security.Cryptography;
using Mimu.Core.Keys;

namespace Mimu.Core.Tests.Memory;

internal sealed class MemoryKeyStore(MemoryTransaction tx) : IKeyStore
{
    public ValueTask AddAsync(UserId user, int deviceId, IEnumerable<Prekey> prekeys)
    {
        foreach (var prekey in prekeys)
        {
            Add(user, deviceId, prekey);
        }
        return ValueTask.CompletedTask;
    }

    public ValueTask<PrekeyAddition> PublishAsync(UserId user, int deviceId, Prekey prekey)
    {
        if (tx.State.PrekeyNumbers.TryGetValue((user, deviceId, Space(prekey), prekey.KeyId), out var known))
        {
            return new(known == (prekey.Kind, Digest(prekey)) ? PrekeyAddition.Known : PrekeyAddition.NumberTaken);
        }
        if (prekey.Kind is PrekeyKind.Signed or PrekeyKind.PqLastResort)
        {
            tx.State = tx.State with { Prekeys = tx.State.Prekeys.RemoveAll(one => IsOf(one, user, deviceId) && one.Key.Kind == prekey.Kind) };
        }
        Add(user, deviceId, prekey);
        return new(PrekeyAddition.Added);
    }

    public ValueTask<PrekeyStock> CountAsync(UserId user, int deviceId) => new(new PrekeyStock(
        Left(user, deviceId, PrekeyKind.OneTime), Left(user, deviceId, PrekeyKind.PqOneTime), Had(user, deviceId, PrekeyKind.OneTime),
        Had(user, deviceId, PrekeyKind.PqOneTime), FindOldest(user, deviceId, PrekeyKind.Signed)?.KeyId));

    public ValueTask RemoveAllAsync(UserId user, int deviceId)
    {
        tx.State = tx.State with
        {
            Prekeys = tx.State.Prekeys.RemoveAll(one => IsOf(one, user, deviceId)),
            PrekeyNumbers = tx.State.PrekeyNumbers.RemoveRange(tx.State.PrekeyNumbers.Keys.Where(one => one.User == user && one.DeviceId == deviceId)),
        };
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

    private void Add(UserId user, int deviceId, Prekey prekey) => tx.State = tx.State with
    {
        Prekeys = tx.State.Prekeys.Add((user, deviceId, prekey)),
        PrekeyNumbers = tx.State.PrekeyNumbers.ContainsKey((user, deviceId, Space(prekey), prekey.KeyId))
            ? throw new InvalidOperationException("The device has a key of this number.")
            : tx.State.PrekeyNumbers.Add((user, deviceId, Space(prekey), prekey.KeyId), (prekey.Kind, Digest(prekey))),
    };

    private int Left(UserId user, int deviceId, PrekeyKind kind) => tx.State.Prekeys.Count(one => IsOf(one, user, deviceId) && one.Key.Kind == kind);

    private bool Had(UserId user, int deviceId, PrekeyKind kind) =>
        tx.State.PrekeyNumbers.Any(one => one.Key.User == user && one.Key.DeviceId == deviceId && one.Value.Kind == kind);

    private static bool IsOf((UserId User, int DeviceId, Prekey Key) one, UserId user, int deviceId) => one.User == user && one.DeviceId == deviceId;

    private static string Digest(Prekey key) => Convert.ToHexStringLower(SHA256.HashData(key.PublicKey));

    private Prekey? FindOldest(UserId user, int deviceId, PrekeyKind kind) =>
        tx.State.Prekeys.Find(one => one.User == user && one.DeviceId == deviceId && one.Key.Kind == kind).Key;

    /// <summary>The KEM keys have one space of numbers, the last resort included (protocol 3.4).</summary>
    private static PrekeyKind Space(Prekey key) => key.Kind is PrekeyKind.PqLastResort ? PrekeyKind.PqOneTime : key.Kind;
}
