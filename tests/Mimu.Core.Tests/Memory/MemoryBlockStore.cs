using Mimu.Core.Accounts;
using Mimu.Core.Blocks;

namespace Mimu.Core.Tests.Memory;

internal sealed class MemoryBlockStore(MemoryTransaction tx) : IBlockStore
{
    public ValueTask<bool> AddAsync(UserId user, UserId blocked, DateTimeOffset now)
    {
        var isNew = !tx.State.Blocks.Contains((user, blocked));
        tx.State = tx.State with { Blocks = tx.State.Blocks.Add((user, blocked)) };
        return new(isNew);
    }

    public ValueTask<bool> RemoveAsync(UserId user, UserId blocked)
    {
        var isThere = tx.State.Blocks.Contains((user, blocked));
        tx.State = tx.State with { Blocks = tx.State.Blocks.Remove((user, blocked)) };
        return new(isThere);
    }

    public ValueTask<IReadOnlyList<Account>> ListAsync(UserId user) => new(tx.State.Blocks.Where(block => block.User == user)
        .Select(block => tx.State.Accounts[block.Blocked]).OrderBy(account => account.PublicId.Value, StringComparer.Ordinal).ToList());

    public ValueTask<bool> IsBlockedAsync(UserId user, UserId by) => new(tx.State.Blocks.Contains((by, user)));

    public ValueTask<IReadOnlyList<UserId>> ListBlockersAsync(UserId user, IReadOnlyCollection<UserId> among) =>
        new(among.Distinct().Where(one => tx.State.Blocks.Contains((one, user))).ToList());

    public ValueTask RemoveAllAsync(UserId user)
    {
        tx.State = tx.State with { Blocks = [.. tx.State.Blocks.Where(block => block.User != user && block.Blocked != user)] };
        return ValueTask.CompletedTask;
    }
}
