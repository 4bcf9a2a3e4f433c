using Dapper;
using Microsoft.Data.Sqlite;
using Mimu.Core.Accounts;
using Mimu.Core.Invites;

namespace Mimu.Embedded.Sqlite.Stores;

/// <inheritdoc cref="IInviteStore"/>
internal sealed class InviteStore(SqliteConnection connection) : IInviteStore
{
    private const string ForgetExpiredSql = "DELETE FROM invites WHERE expires_at <= @now";

    private const string AddSql = """
        INSERT INTO invites (code_hash, uses_left, public_id, created_at, expires_at)
        VALUES (@codeHash, @uses, @publicId, @createdAt, @expiresAt)
        RETURNING invite_id
        """;

    private const string IsGoodSql = """
        SELECT count(*) FROM invites
        WHERE code_hash = @codeHash AND expires_at > @now AND (public_id IS NULL OR public_id = @publicId)
        """;

    /// <summary>The last use takes the row with it.</summary>
    private const string UseLastSql = """
        DELETE FROM invites
        WHERE code_hash = @codeHash AND expires_at > @now AND (public_id IS NULL OR public_id = @publicId) AND uses_left = 1
        """;

    private const string UseSql = """
        UPDATE invites SET uses_left = uses_left - 1
        WHERE code_hash = @codeHash AND expires_at > @now AND (public_id IS NULL OR public_id = @publicId)
        """;

    private const string ListSql = """
        SELECT invite_id, uses_left, public_id, created_at, expires_at
        FROM invites WHERE expires_at > @now ORDER BY invite_id
        """;

    private const string RemoveByNumberSql = "DELETE FROM invites WHERE invite_id = @id";

    private const string RemoveByCodeSql = "DELETE FROM invites WHERE code_hash = @codeHash";

    public ValueTask<long> AddAsync(byte[] codeHash, int uses, PublicId? publicId, DateTimeOffset createdAt, DateTimeOffset expiresAt)
    {
        connection.Execute(ForgetExpiredSql, new { now = Columns.Milliseconds(createdAt) });
        return new(connection.QueryFirst<long>(AddSql, new
        {
            codeHash = new Blob(codeHash),
            uses,
            publicId = publicId?.Value,
            createdAt = Columns.Milliseconds(createdAt),
            expiresAt = Columns.Milliseconds(expiresAt),
        }));
    }

    public ValueTask<bool> IsGoodAsync(byte[] codeHash, PublicId publicId, DateTimeOffset now) =>
        new(connection.QueryFirst<long>(IsGoodSql, new { codeHash = new Blob(codeHash), publicId = publicId.Value, now = Columns.Milliseconds(now) }) == 1);

    public ValueTask<bool> TryUseAsync(byte[] codeHash, PublicId publicId, DateTimeOffset now)
    {
        var (hash, time) = (new Blob(codeHash), Columns.Milliseconds(now));
        return new(connection.Execute(UseLastSql, new { codeHash = hash, publicId = publicId.Value, now = time }) == 1
            || connection.Execute(UseSql, new { codeHash = hash, publicId = publicId.Value, now = time }) == 1);
    }

    public ValueTask<IReadOnlyList<Invite>> ListAsync(DateTimeOffset now) =>
        new(connection.Query<InviteRow>(ListSql, new { now = Columns.Milliseconds(now) }).Select(row => row.ToInvite()).ToList());

    public ValueTask<bool> RemoveAsync(long id) => new(connection.Execute(RemoveByNumberSql, new { id }) == 1);

    public ValueTask<bool> RemoveAsync(byte[] codeHash) => new(connection.Execute(RemoveByCodeSql, new { codeHash = new Blob(codeHash) }) == 1);

    internal sealed record InviteRow(long InviteId, long UsesLeft, string? PublicId, long CreatedAt, long ExpiresAt)
    {
        public Invite ToInvite() => new(InviteId, (int)UsesLeft, PublicId is null ? null : Core.Accounts.PublicId.FromStored(PublicId),
            Columns.Time(CreatedAt), Columns.Time(ExpiresAt));
    }
}
