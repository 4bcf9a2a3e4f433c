using Mimu.Core.Accounts;

namespace Mimu.Core.Blocks;

/// <summary>Who wants nothing from whom (protocol 3.8).</summary>
public interface IBlockStore
{
    /// <summary>Adds a block; false if there was one.</summary>
    ValueTask<bool> AddAsync(UserId user, UserId blocked, DateTimeOffset now);

    /// <summary>Lifts a block; false if there was none.</summary>
    ValueTask<bool> RemoveAsync(UserId user, UserId blocked);

    /// <summary>Whom somebody blocks, in order of the name.</summary>
    ValueTask<IReadOnlyList<Account>> ListAsync(UserId user);

    /// <summary>Whether <paramref name="by"/> blocks the user.</summary>
    ValueTask<bool> IsBlockedAsync(UserId user, UserId by);

    /// <summary>Those of <paramref name="among"/> who block the user.</summary>
    ValueTask<IReadOnlyList<UserId>> ListBlockersAsync(UserId user, IReadOnlyCollection<UserId> among);

    /// <summary>Forgets whom somebody blocks and who blocks them.</summary>
    ValueTask RemoveAllAsync(UserId user);
}
