using System.Security.Cryptography;
using Dapper;
using Microsoft.Data.Sqlite;
using Mimu.Core;
using Mimu.Core.Keys;

namespace Mimu.Embedded.Sqlite.Stores;

/// <inheritdoc cref="IKeyStore"/>
internal sealed class KeyStore(SqliteConnection connection) : IKeyStore
{
    private const string AddSql = """
        INSERT INTO prekeys (user_id, device_id, kind, key_id, digest, public_key, signature)
        VALUES (@userId, @deviceId, @kind, @keyId, @digest, @publicKey, @signature)
        """;

    private const string PublishSql = $"{AddSql} ON CONFLICT DO NOTHING";

    /// <summary>The KEM keys share one space of numbers, as in the index.</summary>
    private const string IsKnownSql = """
        SELECT EXISTS (SELECT 1 FROM prekeys
                       WHERE user_id = @userId AND device_id = @deviceId AND min(kind, 3) = min(@kind, 3) AND key_id = @keyId AND kind = @kind AND digest = @digest)
        """;

    private const string RetireOthersSql = """
        UPDATE prekeys SET public_key = NULL, signature = NULL
        WHERE user_id = @userId AND device_id = @deviceId AND kind = @kind AND public_key IS NOT NULL AND key_id <> @keyId
        """;

    private const string CountSql = """
        SELECT (SELECT count(*) FROM prekeys WHERE user_id = @userId AND device_id = @deviceId AND kind = 1 AND public_key IS NOT NULL) AS one_time,
               (SELECT count(*) FROM prekeys WHERE user_id = @userId AND device_id = @deviceId AND kind = 3 AND public_key IS NOT NULL) AS pq_one_time,
               EXISTS (SELECT 1 FROM prekeys WHERE user_id = @userId AND device_id = @deviceId AND min(kind, 3) = 1) AS had_one_time,
               EXISTS (SELECT 1 FROM prekeys WHERE user_id = @userId AND device_id = @deviceId AND min(kind, 3) = 3 AND kind = 3) AS had_pq_one_time,
               (SELECT key_id FROM prekeys WHERE user_id = @userId AND device_id = @deviceId AND kind = 2 AND public_key IS NOT NULL) AS signed_id
        """;

    private const string RemoveAllSql = "DELETE FROM prekeys WHERE user_id = @userId AND device_id = @deviceId";

    private const string FindOldestSql = """
        SELECT id, kind, key_id, public_key, signature FROM prekeys
        WHERE user_id = @userId AND device_id = @deviceId AND kind = @kind AND public_key IS NOT NULL
        ORDER BY id LIMIT 1
        """;

    private const string ConsumeSql = "UPDATE prekeys SET public_key = NULL, signature = NULL WHERE id = @id";

    public ValueTask AddAsync(UserId user, int deviceId, IEnumerable<Prekey> prekeys)
    {
        var userId = user.Blob();
        foreach (var prekey in prekeys)
        {
            connection.Execute(AddSql, new
            {
                userId,
                deviceId,
                kind = (long)prekey.Kind,
                keyId = prekey.KeyId,
                digest = new Blob(SHA256.HashData(prekey.PublicKey)),
                publicKey = new Blob(prekey.PublicKey),
                signature = new Blob(prekey.Signature),
            });
        }
        return ValueTask.CompletedTask;
    }

    public ValueTask<PrekeyAddition> PublishAsync(UserId user, int deviceId, Prekey prekey)
    {
        var (userId, kind, keyId, digest) = (user.Blob(), (long)prekey.Kind, prekey.KeyId, new Blob(SHA256.HashData(prekey.PublicKey)));
        var (publicKey, signature) = (new Blob(prekey.PublicKey), new Blob(prekey.Signature));
        if (connection.Execute(PublishSql, new { userId, deviceId, kind, keyId, digest, publicKey, signature }) == 0)
        {
            return new(connection.QueryFirst<long>(IsKnownSql, new { userId, deviceId, kind, keyId, digest }) == 1
                ? PrekeyAddition.Known
                : PrekeyAddition.NumberTaken);
        }
        if (prekey.Kind is PrekeyKind.Signed or PrekeyKind.PqLastResort)
        {
            connection.Execute(RetireOthersSql, new { userId, deviceId, kind, keyId });
        }
        return new(PrekeyAddition.Added);
    }

    public ValueTask<PrekeyStock> CountAsync(UserId user, int deviceId) =>
        new(connection.QueryFirst<StockRow>(CountSql, new { userId = user.Blob(), deviceId }).ToStock());

    public ValueTask RemoveAllAsync(UserId user, int deviceId)
    {
        connection.Execute(RemoveAllSql, new { userId = user.Blob(), deviceId });
        return ValueTask.CompletedTask;
    }

    public ValueTask<Prekey?> FindStandingAsync(UserId user, int deviceId, PrekeyKind kind) => new(FindOldest(user, deviceId, kind)?.ToPrekey());

    public ValueTask<Prekey?> TakeAsync(UserId user, int deviceId, PrekeyKind kind)
    {
        var row = FindOldest(user, deviceId, kind);
        if (row is not null)
        {
            connection.Execute(ConsumeSql, new { id = row.Id });
        }
        return new(row?.ToPrekey());
    }

    private PrekeyRow? FindOldest(UserId user, int deviceId, PrekeyKind kind) =>
        connection.QueryFirstOrDefault<PrekeyRow>(FindOldestSql, new { userId = user.Blob(), deviceId, kind = (long)kind });

    internal sealed record StockRow(long OneTime, long PqOneTime, long HadOneTime, long HadPqOneTime, long? SignedId)
    {
        public PrekeyStock ToStock() => new((int)OneTime, (int)PqOneTime, HadOneTime == 1, HadPqOneTime == 1, (int?)SignedId);
    }

    internal sealed record PrekeyRow(long Id, long Kind, long KeyId, byte[] PublicKey, byte[]? Signature)
    {
        public Prekey ToPrekey() => new((PrekeyKind)Kind, (int)KeyId, PublicKey, Signature);
    }
}
