using Mimu.Core.Accounts;

namespace Mimu.Core.Tests.Memory;

internal sealed class MemoryResetStore(MemoryTransaction tx) : IResetStore
{
    public ValueTask<bool> TryUseAsync(byte[] signatureHash, DateTimeOffset goodUntil, DateTimeOffset now)
    {
        var key = Convert.ToHexStringLower(signatureHash);
        var kept = tx.State.UsedResets.RemoveRange(tx.State.UsedResets.Where(one => one.Value < now).Select(one => one.Key));
        var isNew = !kept.ContainsKey(key);
        tx.State = tx.State with { UsedResets = isNew ? kept.Add(key, goodUntil) : kept };
        return new(isNew);
    }

    public ValueTask<bool> IsUsedAsync(byte[] signatureHash) => new(tx.State.UsedResets.ContainsKey(Convert.ToHexStringLower(signatureHash)));
}
