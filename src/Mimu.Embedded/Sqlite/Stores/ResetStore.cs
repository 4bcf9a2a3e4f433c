using Dapper;
using Microsoft.Data.Sqlite;
using Mimu.Core.Accounts;

namespace Mimu.Embedded.Sqlite.Stores;

/// <inheritdoc cref="IResetStore"/>
internal sealed class ResetStore(SqliteConnection connection) : IResetStore
{
    private const string ForgetSql = "DELETE FROM used_resets WHERE good_until < @now";

    private const string UseSql = "INSERT INTO used_resets (signature_hash, good_until) VALUES (@hash, @goodUntil) ON CONFLICT (signature_hash) DO NOTHING";

    private const string IsUsedSql = "SELECT count(*) FROM used_resets WHERE signature_hash = @hash";

    public ValueTask<bool> TryUseAsync(byte[] signatureHash, DateTimeOffset goodUntil, DateTimeOffset now)
    {
        connection.Execute(ForgetSql, new { now = Columns.Milliseconds(now) });
        return new(connection.Execute(UseSql, new { hash = new Blob(signatureHash), goodUntil = Columns.Milliseconds(goodUntil) }) == 1);
    }

    public ValueTask<bool> IsUsedAsync(byte[] signatureHash) =>
        new(connection.QueryFirst<long>(IsUsedSql, new { hash = new Blob(signatureHash) }) == 1);
}
