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

    internal sealed record PrekeyRow(long Id, long Kind, long KeyId, byte[] PublicKey, byte[]? Signature)
    {
        public Prekey ToPrekey() => new((PrekeyKind)Kind, (int)KeyId, PublicKey, Signature);
    }
}
