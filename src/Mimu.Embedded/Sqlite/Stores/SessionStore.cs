using Dapper;
using Microsoft.Data.Sqlite;
using Mimu.Core;
using Mimu.Core.Sessions;

namespace Mimu.Embedded.Sqlite.Stores;

/// <inheritdoc cref="ISessionStore"/>
internal sealed class SessionStore(SqliteConnection connection) : ISessionStore, IDisposable
{
    private const string AddSql = """
        INSERT INTO sessions (session_id, user_id, device_id, created_at, last_seen_at)
        VALUES (@sessionId, @userId, @deviceId, @createdAt, @lastSeenAt)
        """;

    private const string AddTokenSql = "INSERT INTO refresh_tokens (token_hash, session_id, expires_at) VALUES (@hash, @sessionId, @expiresAt)";

    private const string FindSql = "SELECT user_id, device_id, created_at, last_seen_at FROM sessions WHERE session_id = ?1";

    private const string FindTokenSql =
        "SELECT token_hash, session_id, expires_at, used_at, successor FROM refresh_tokens WHERE token_hash = @hash";

    /// <summary>The first use counts: a repeat within the grace does not prolong it.</summary>
    private const string UseTokenSql = "UPDATE refresh_tokens SET used_at = coalesce(used_at, @now), successor = @successor WHERE token_hash = @hash";

    private const string SeenSql = "UPDATE sessions SET last_seen_at = @now WHERE session_id = @sessionId";

    private const string DropExpiredTokensSql = "DELETE FROM refresh_tokens WHERE session_id = @sessionId AND expires_at <= @now";

    private const string WithdrawTokenSql = "DELETE FROM refresh_tokens WHERE token_hash = @hash";

    private const string EndSql = "DELETE FROM sessions WHERE session_id = @sessionId";

    private const string EndAllSql = "DELETE FROM sessions WHERE user_id = @userId AND (@but IS NULL OR session_id <> @but) AND (@deviceId IS NULL OR device_id = @deviceId) RETURNING session_id";

    private const string ListSql = """
        SELECT session_id, user_id, device_id, created_at, last_seen_at
        FROM sessions s
        WHERE user_id = @userId AND EXISTS (SELECT 1 FROM refresh_tokens t WHERE t.session_id = s.session_id AND t.expires_at > @now)
        ORDER BY created_at, session_id
        """;

    private readonly Statement _find = new(connection, FindSql);

    public ValueTask AddAsync(Session session, RefreshToken token)
    {
        connection.Execute(AddSql, new
        {
            sessionId = session.Id.Blob(),
            userId = session.UserId.Blob(),
            deviceId = session.DeviceId,
            createdAt = Columns.Milliseconds(session.CreatedAt),
            lastSeenAt = Columns.Milliseconds(session.LastSeenAt),
        });
        AddToken(token);
        return ValueTask.CompletedTask;
    }

    public ValueTask<Session?> FindAsync(SessionId id)
    {
        using var rows = _find.Add(id.Value).Query();
        return new(rows.Read()
            ? new Session(id, new UserId(rows.Id(0)), (int)rows.Long(1), Columns.Time(rows.Long(2)), Columns.Time(rows.Long(3)))
            : null);
    }

    public ValueTask<RefreshToken?> FindTokenAsync(byte[] hash) =>
        new(connection.QueryFirstOrDefault<RefreshTokenRow>(FindTokenSql, new { hash = new Blob(hash) })?.ToToken());

    public ValueTask ReplaceTokenAsync(byte[] hash, RefreshToken successor, DateTimeOffset now)
    {
        var (sessionId, time) = (successor.SessionId.Blob(), Columns.Milliseconds(now));
        connection.Execute(UseTokenSql, new { hash = new Blob(hash), successor = new Blob(successor.Hash), now = time });
        AddToken(successor);
        connection.Execute(SeenSql, new { sessionId, now = time });
        connection.Execute(DropExpiredTokensSql, new { sessionId, now = time });
        return ValueTask.CompletedTask;
    }

    public ValueTask WithdrawTokenAsync(byte[] hash)
    {
        connection.Execute(WithdrawTokenSql, new { hash = new Blob(hash) });
        return ValueTask.CompletedTask;
    }

    public ValueTask<bool> EndAsync(SessionId id) => new(connection.Execute(EndSql, new { sessionId = id.Blob() }) == 1);

    public ValueTask<IReadOnlyList<SessionId>> EndAllAsync(UserId user, SessionId? but, int? deviceId) =>
        new(connection.Query<SessionIdRow>(EndAllSql, new { userId = user.Blob(), but = new Blob(Columns.Bytes(but?.Value)), deviceId })
            .Select(row => new SessionId(Columns.Id(row.SessionId))).ToList());

    public ValueTask<IReadOnlyList<Session>> ListAsync(UserId user, DateTimeOffset now) =>
        new(connection.Query<SessionRow>(ListSql, new { userId = user.Blob(), now = Columns.Milliseconds(now) }).Select(row => row.ToSession()).ToList());

    public void Dispose() => _find.Dispose();

    private void AddToken(RefreshToken token) => connection.Execute(AddTokenSql, new
    {
        hash = new Blob(token.Hash),
        sessionId = token.SessionId.Blob(),
        expiresAt = Columns.Milliseconds(token.ExpiresAt),
    });

    internal sealed record SessionIdRow(byte[] SessionId);

    internal sealed record SessionRow(byte[] SessionId, byte[] UserId, long DeviceId, long CreatedAt, long LastSeenAt)
    {
        public Session ToSession() => new(new SessionId(Columns.Id(SessionId)), new UserId(Columns.Id(UserId)), (int)DeviceId,
            Columns.Time(CreatedAt), Columns.Time(LastSeenAt));
    }

    internal sealed record RefreshTokenRow(byte[] TokenHash, byte[] SessionId, long ExpiresAt, long? UsedAt, byte[]? Successor)
    {
        public RefreshToken ToToken() =>
            new(TokenHash, new SessionId(Columns.Id(SessionId)), Columns.Time(ExpiresAt), Columns.TimeOrNull(UsedAt), Successor);
    }
}
