using Dapper;
using Microsoft.Data.Sqlite;
using Mimu.Core;
using Mimu.Core.Devices;

namespace Mimu.Embedded.Sqlite.Stores;

/// <inheritdoc cref="IDeviceStore"/>
internal sealed class DeviceStore(SqliteConnection connection) : IDeviceStore
{
    private const string AddSql = """
        INSERT INTO devices (user_id, device_id, name, signal_registration_id, created_at, last_seen_at)
        VALUES (@userId, @deviceId, @name, @signalRegistrationId, @createdAt, @lastSeenAt)
        """;

    private const string ListSql = """
        SELECT user_id, device_id, name, signal_registration_id, created_at, last_seen_at
        FROM devices WHERE user_id = @userId ORDER BY device_id
        """;

    /// <summary>The next one after the number that was given last, going round; 0 when all are in use.</summary>
    private const string NextNumberSql = """
        WITH RECURSIVE numbers (number) AS (SELECT 2 UNION ALL SELECT number + 1 FROM numbers WHERE number < 127)
        SELECT number FROM numbers
        WHERE number NOT IN (SELECT device_id FROM devices WHERE user_id = @userId)
        ORDER BY number <= (SELECT last_device_id FROM accounts WHERE user_id = @userId), number LIMIT 1
        """;

    private const string TakeNumberSql = "UPDATE accounts SET last_device_id = @number WHERE user_id = @userId";

    private const string RemoveSql = "DELETE FROM devices WHERE user_id = @userId AND device_id = @deviceId";

    private const string SeenSql =
        "UPDATE devices SET last_seen_at = @now, name = coalesce(@name, name) WHERE user_id = @userId AND device_id = @deviceId";

    public ValueTask AddAsync(Device device)
    {
        connection.Execute(AddSql, new
        {
            userId = device.UserId.Blob(),
            deviceId = device.DeviceId,
            name = device.Name,
            signalRegistrationId = device.SignalRegistrationId,
            createdAt = Columns.Milliseconds(device.CreatedAt),
            lastSeenAt = Columns.Milliseconds(device.LastSeenAt),
        });
        return ValueTask.CompletedTask;
    }

    public ValueTask<int?> TakeNumberAsync(UserId user)
    {
        var userId = user.Blob();
        var number = connection.QueryFirstOrDefault<long>(NextNumberSql, new { userId });
        if (number == 0)
        {
            return new((int?)null);
        }
        connection.Execute(TakeNumberSql, new { userId, number });
        return new((int)number);
    }

    public ValueTask<bool> RemoveAsync(UserId user, int deviceId) =>
        new(connection.Execute(RemoveSql, new { userId = user.Blob(), deviceId }) == 1);

    public ValueTask<IReadOnlyList<Device>> ListAsync(UserId user) =>
        new(connection.Query<DeviceRow>(ListSql, new { userId = user.Blob() }).Select(row => row.ToDevice()).ToList());

    public ValueTask SeenAsync(UserId user, int deviceId, string? name, DateTimeOffset now)
    {
        connection.Execute(SeenSql, new { userId = user.Blob(), deviceId, name, now = Columns.Milliseconds(now) });
        return ValueTask.CompletedTask;
    }

    internal sealed record DeviceRow(byte[] UserId, long DeviceId, string? Name, long? SignalRegistrationId, long CreatedAt, long LastSeenAt)
    {
        public Device ToDevice() => new(new UserId(Columns.Id(UserId)), (int)DeviceId, Name, (int?)SignalRegistrationId,
            Columns.Time(CreatedAt), Columns.Time(LastSeenAt));
    }
}
