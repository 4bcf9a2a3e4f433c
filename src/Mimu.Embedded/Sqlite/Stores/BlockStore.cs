using Dapper;
using Microsoft.Data.Sqlite;
using Mimu.Core;
using Mimu.Core.Accounts;
using Mimu.Core.Blocks;

namespace Mimu.Embedded.Sqlite.Stores;

/// <inheritdoc cref="IBlockStore"/>
internal sealed class BlockStore(SqliteConnection connection, MembershipCache? members) : IBlockStore
{
    private const string AddSql = "INSERT INTO blocks (user_id, blocked_id, created_at) VALUES (@userId, @blockedId, @now) ON CONFLICT DO NOTHING";

    private const string RemoveSql = "DELETE FROM blocks WHERE user_id = @userId AND blocked_id = @blockedId";

    private const string ListSql = """
        SELECT a.user_id, a.public_id, a.display_name, a.avatar, a.identity_key, a.signing_key, a.password_hash, a.state, a.created_at
        FROM blocks b JOIN accounts a ON a.user_id = b.blocked_id
        WHERE b.user_id = @userId ORDER BY a.public_id
        """;

    private const string IsBlockedSql = "SELECT EXISTS (SELECT 1 FROM blocks WHERE user_id = @by AND blocked_id = @userId)";

    private const string ListBlockersSql = "SELECT user_id FROM blocks WHERE blocked_id = @userId AND user_id IN (SELECT unhex(value) FROM json_each(@ids))";

    private const string RemoveAllSql = "DELETE FROM blocks WHERE user_id = @userId OR blocked_id = @userId";

    public ValueTask<bool> AddAsync(UserId user, UserId blocked, DateTimeOffset now)
    {
        members?.ForgetAll();
        return new(connection.Execute(AddSql, new { userId = user.Blob(), blockedId = blocked.Blob(), now = Columns.Milliseconds(now) }) == 1);
    }

    public ValueTask<bool> RemoveAsync(UserId user, UserId blocked)
    {
        members?.ForgetAll();
        return new(connection.Execute(RemoveSql, new { userId = user.Blob(), blockedId = blocked.Blob() }) == 1);
    }

    public ValueTask<IReadOnlyList<Account>> ListAsync(UserId user) =>
        new(connection.Query<AccountStore.AccountRow>(ListSql, new { userId = user.Blob() }).Select(row => row.ToAccount()).ToList());

    public ValueTask<bool> IsBlockedAsync(UserId user, UserId by) =>
        new(connection.QueryFirst<long>(IsBlockedSql, new { userId = user.Blob(), by = by.Blob() }) == 1);

    public ValueTask<IReadOnlyList<UserId>> ListBlockersAsync(UserId user, IReadOnlyCollection<UserId> among) =>
        new(connection.Query<byte[]>(ListBlockersSql, new { userId = user.Blob(), ids = Columns.List(among) }).Select(id => new UserId(Columns.Id(id))).ToList());

    public ValueTask RemoveAllAsync(UserId user)
    {
        members?.ForgetAll();
        connection.Execute(RemoveAllSql, new { userId = user.Blob() });
        return ValueTask.CompletedTask;
    }
}
