using Dapper;
using Microsoft.Data.Sqlite;
using Mimu.Core;
using Mimu.Core.Devices;
using Mimu.Core.Push;

namespace Mimu.Embedded.Sqlite.Stores;

/// <inheritdoc cref="IPushStore"/>
internal sealed class PushStore(SqliteConnection connection) : IPushStore, IDisposable
{
    private const string FindSql = """
        SELECT registration_id, user_id, device_id, platform, token, voip_token, sandbox, p256dh, auth, created_at, registered_at
        FROM push_registrations WHERE platform = @platform AND token = @token
        """;

    private const string ListSql = """
        SELECT registration_id, user_id, device_id, platform, token, voip_token, sandbox, p256dh, auth, created_at, registered_at
        FROM push_registrations WHERE user_id = @userId ORDER BY created_at, registration_id
        """;

    private const string PutSql = """
        INSERT INTO push_registrations (registration_id, user_id, device_id, platform, token, voip_token, sandbox, p256dh, auth, created_at, registered_at)
        VALUES (@id, @userId, @deviceId, @platform, @token, @voipToken, @sandbox, @p256dh, @auth, @createdAt, @registeredAt)
        ON CONFLICT (registration_id) DO UPDATE SET device_id = excluded.device_id, voip_token = excluded.voip_token, sandbox = excluded.sandbox,
            p256dh = excluded.p256dh, auth = excluded.auth, registered_at = excluded.registered_at
        """;

    private const string TakeVoipTokenSql = "UPDATE push_registrations SET voip_token = NULL WHERE voip_token = @voipToken AND registration_id <> @id";

    private const string RemoveSql = "DELETE FROM push_registrations WHERE registration_id = @id AND user_id = @userId";

    private const string ListUsersSql = "SELECT DISTINCT user_id FROM push_registrations";

    // is_sending: 0 it waits, 1 it is being sent, 2 it is being sent and something new has come.

    /// <summary>
    /// ?2 and ?3 are the devices that need none, and ?4 the platforms there are, a bit each; ?5 is when it is due, ?6 the pause between pushes, ?7 when it expires, ?8 the longest that
    /// anything waits, ?9 how much older it may get before it is renewed. A clock that was set back must not silence anybody.
    /// </summary>
    private const string QueueSql = """
        INSERT INTO push_queue (registration_id, platform, due_at, expires_at)
        SELECT registration_id, platform, iif(pushed_at <= ?5, max(?5, pushed_at + ?6), ?5), ?7 FROM push_registrations
        WHERE user_id = ?1 AND iif(device_id < 64, ?2 >> device_id, ?3 >> (device_id - 64)) & 1 = 0 AND ?4 >> platform & 1 = 1
        ON CONFLICT (registration_id) DO UPDATE SET is_sending = iif(is_sending = 1, 2, is_sending), expires_at = excluded.expires_at,
            due_at = iif(is_sending = 0 AND (attempts = 0 OR due_at > excluded.due_at + ?8), min(due_at, excluded.due_at), due_at)
        WHERE is_sending = 1 OR expires_at < excluded.expires_at - ?9 OR (is_sending = 0 AND due_at > excluded.due_at AND (attempts = 0 OR due_at > excluded.due_at + ?8))
        """;

    private const string TakeSql = """
        SELECT q.registration_id, r.user_id, r.device_id, r.platform, r.token, r.voip_token, r.sandbox, r.p256dh, r.auth, r.created_at, r.registered_at, q.attempts, q.expires_at
        FROM push_queue q JOIN push_registrations r ON r.registration_id = q.registration_id
        WHERE q.platform = @platform AND q.due_at <= @now ORDER BY q.due_at LIMIT @limit
        """;

    private const string LeaseSql = "UPDATE push_queue SET is_sending = 1, due_at = @leaseUntil WHERE registration_id = @id";

    private const string NotePushSql = "UPDATE push_registrations SET pushed_at = @now WHERE registration_id = @id";

    private const string EndSql = "DELETE FROM push_queue WHERE registration_id = @id AND is_sending = 1";

    private const string NextSql = "UPDATE push_queue SET due_at = @due, attempts = 0, is_sending = 0 WHERE registration_id = @id";

    private const string GiveBackSql = "UPDATE push_queue SET due_at = @due, is_sending = 0 WHERE registration_id = @id";

    private const string PostponeSql = "UPDATE push_queue SET due_at = @due, attempts = attempts + 1, is_sending = 0 WHERE registration_id = @id";

    private const string DropSql = "DELETE FROM push_queue WHERE registration_id = @id";

    private const string RemoveDeadSql = "DELETE FROM push_registrations WHERE registration_id = @id AND registered_at <= @deadSince";

    private const string RemoveDeadVoipSql = "UPDATE push_registrations SET voip_token = NULL WHERE registration_id = @id AND registered_at <= @deadSince AND voip_token IS NOT NULL";

    private const string NextDueSql = "SELECT min(due_at) FROM push_queue WHERE platform = @platform";

    private const string ResumeSql = "UPDATE push_queue SET due_at = @now, is_sending = 0 WHERE is_sending <> 0 OR due_at > @latest";

    private const string CountSql = """
        SELECT r.platform, count(*) AS registrations, count(q.registration_id) AS waiting, COALESCE(SUM(q.attempts > 0), 0) AS failing, min(q.due_at) AS next_due_at
        FROM push_registrations r LEFT JOIN push_queue q ON q.registration_id = r.registration_id GROUP BY r.platform ORDER BY r.platform
        """;

    private readonly Statement _queue = new(connection, QueueSql);

    /// <summary>Who has registrations, or had some: asked for with every message. Null when it is to be read.</summary>
    private HashSet<UserId>? _users;

    public ValueTask<PushRegistration?> FindAsync(PushPlatform platform, string token) =>
        new(connection.QueryFirstOrDefault<RegistrationRow>(FindSql, new { platform = (int)platform, token })?.ToRegistration());

    public ValueTask<IReadOnlyList<PushRegistration>> ListAsync(UserId user) =>
        new([.. connection.Query<RegistrationRow>(ListSql, new { userId = user.Blob() }).Select(row => row.ToRegistration())]);

    public ValueTask PutAsync(PushRegistration registration)
    {
        var id = Id(registration.Id);
        if (registration.Target.VoipToken is { } voipToken)
        {
            connection.Execute(TakeVoipTokenSql, new { voipToken, id });
        }
        connection.Execute(PutSql, new
        {
            id,
            userId = registration.UserId.Blob(),
            deviceId = registration.DeviceId,
            platform = (int)registration.Target.Platform,
            token = registration.Target.Token,
            voipToken = registration.Target.VoipToken,
            sandbox = registration.Target.Sandbox ? 1 : 0,
            p256dh = new Blob(registration.Target.P256dh),
            auth = new Blob(registration.Target.Auth),
            createdAt = Columns.Milliseconds(registration.CreatedAt),
            registeredAt = Columns.Milliseconds(registration.RegisteredAt),
        });
        _users?.Add(registration.UserId);
        return ValueTask.CompletedTask;
    }

    public ValueTask<bool> RemoveAsync(UserId user, RegistrationId id) => new(connection.Execute(RemoveSql, new { id = Id(id), userId = user.Blob() }) == 1);

    public ValueTask<bool> QueueAsync(UserId user, DeviceSet online, PushSettings settings, DateTimeOffset due)
    {
        _users ??= [.. connection.Query<byte[]>(ListUsersSql).Select(id => new UserId(Columns.Id(id)))];
        if (!_users.Contains(user))
        {
            return new(false);
        }
        var (low, high) = online.Halves;
        _queue.Add(user.Value).Add(low).Add(high).Add(settings.PlatformBits).Add(Columns.Milliseconds(due)).Add((long)PushSettings.Pause.TotalMilliseconds)
            .Add(Columns.Milliseconds(due + settings.Ttl)).Add((long)PushSettings.LongestWait.TotalMilliseconds).Add((long)PushSettings.Renewal.TotalMilliseconds).Execute();
        return new(Statement.Changes(connection) > 0);
    }

    public ValueTask<IReadOnlyList<WakeUp>> TakeAsync(PushPlatform platform, DateTimeOffset now, DateTimeOffset leaseUntil, int limit)
    {
        WakeUpRow[] rows = [.. connection.Query<WakeUpRow>(TakeSql, new { platform = (int)platform, now = Columns.Milliseconds(now), limit })];
        foreach (var row in rows)
        {
            connection.Execute(LeaseSql, new { id = new Blob(row.RegistrationId), leaseUntil = Columns.Milliseconds(leaseUntil) });
        }
        return new(Array.ConvertAll(rows, row => row.ToWakeUp()));
    }

    public ValueTask SentAsync(RegistrationId id, DateTimeOffset now)
    {
        connection.Execute(NotePushSql, new { id = Id(id), now = Columns.Milliseconds(now) });
        return GiveUpAsync(id, now);
    }

    public ValueTask GiveBackAsync(RegistrationId id, DateTimeOffset due)
    {
        connection.Execute(GiveBackSql, new { id = Id(id), due = Columns.Milliseconds(due) });
        return ValueTask.CompletedTask;
    }

    public ValueTask GiveUpAsync(RegistrationId id, DateTimeOffset now)
    {
        if (connection.Execute(EndSql, new { id = Id(id) }) == 0)
        {
            connection.Execute(NextSql, new { id = Id(id), due = Columns.Milliseconds(now + PushSettings.Pause) });
        }
        return ValueTask.CompletedTask;
    }

    public ValueTask PostponeAsync(RegistrationId id, DateTimeOffset due)
    {
        connection.Execute(PostponeSql, new { id = Id(id), due = Columns.Milliseconds(due) });
        return ValueTask.CompletedTask;
    }

    public ValueTask DropAsync(RegistrationId id)
    {
        connection.Execute(DropSql, new { id = Id(id) });
        return ValueTask.CompletedTask;
    }

    public ValueTask<bool> RemoveDeadAsync(RegistrationId id, DateTimeOffset deadSince) =>
        new(connection.Execute(RemoveDeadSql, new { id = Id(id), deadSince = Columns.Milliseconds(deadSince) }) == 1);

    public ValueTask<bool> RemoveDeadVoipTokenAsync(RegistrationId id, DateTimeOffset deadSince) =>
        new(connection.Execute(RemoveDeadVoipSql, new { id = Id(id), deadSince = Columns.Milliseconds(deadSince) }) == 1);

    public ValueTask<DateTimeOffset?> FindNextDueAsync(PushPlatform platform) =>
        new(Columns.TimeOrNull(connection.QueryFirst<long?>(NextDueSql, new { platform = (int)platform })));

    public ValueTask ResumeAsync(DateTimeOffset now)
    {
        connection.Execute(ResumeSql, new { now = Columns.Milliseconds(now), latest = Columns.Milliseconds(now + PushSettings.LongestWait) });
        return ValueTask.CompletedTask;
    }

    public ValueTask<IReadOnlyList<PushQueueCounts>> CountAsync() => new([.. connection.Query<CountsRow>(CountSql).Select(row => row.ToCounts())]);

    /// <summary>What was done is undone: what is remembered may be wrong.</summary>
    public void Forget() => _users = null;

    public void Dispose() => _queue.Dispose();

    private static Blob Id(RegistrationId id) => new(Columns.Bytes(id.Value));

    internal sealed record RegistrationRow(byte[] RegistrationId, byte[] UserId, long DeviceId, long Platform, string Token, string? VoipToken, long Sandbox, byte[]? P256dh, byte[]? Auth, long CreatedAt, long RegisteredAt)
    {
        public PushRegistration ToRegistration() => new(new RegistrationId(Columns.Id(RegistrationId)), new UserId(Columns.Id(UserId)), (int)DeviceId,
            new PushTarget((PushPlatform)Platform, Token, VoipToken, Sandbox == 1, P256dh, Auth), Columns.Time(CreatedAt), Columns.Time(RegisteredAt));
    }

    internal sealed record WakeUpRow(byte[] RegistrationId, byte[] UserId, long DeviceId, long Platform, string Token, string? VoipToken, long Sandbox, byte[]? P256dh, byte[]? Auth, long CreatedAt, long RegisteredAt, long Attempts, long ExpiresAt)
    {
        public WakeUp ToWakeUp() => new(new RegistrationRow(RegistrationId, UserId, DeviceId, Platform, Token, VoipToken, Sandbox, P256dh, Auth, CreatedAt, RegisteredAt).ToRegistration(),
            (int)Attempts, Columns.Time(ExpiresAt));
    }

    internal sealed record CountsRow(long Platform, long Registrations, long Waiting, long Failing, long? NextDueAt)
    {
        public PushQueueCounts ToCounts() => new((PushPlatform)Platform, Registrations, Waiting, Failing, Columns.TimeOrNull(NextDueAt));
    }
}
