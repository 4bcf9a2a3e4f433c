using Mimu.Core;

namespace Mimu.Embedded.Sqlite;

/// <summary>How ids and times stand in the database (docs/adr/0005): BLOB(16) in wire order, INTEGER Unix milliseconds. The one place that converts them.</summary>
internal static class Columns
{
    public static byte[] Bytes(Guid id) => id.ToByteArray(bigEndian: true);

    public static byte[]? Bytes(Guid? id) => id?.ToByteArray(bigEndian: true);

    public static Guid Id(byte[] column) => new(column, bigEndian: true);

    public static Guid? IdOrNull(byte[]? column) => column is null ? null : Id(column);

    public static Blob Blob(this UserId id) => new(Bytes(id.Value));

    public static Blob Blob(this ChatId id) => new(Bytes(id.Value));

    public static Blob Blob(this SessionId id) => new(Bytes(id.Value));

    public static long Milliseconds(DateTimeOffset time) => time.ToUnixTimeMilliseconds();

    public static long? Milliseconds(DateTimeOffset? time) => time?.ToUnixTimeMilliseconds();

    public static DateTimeOffset Time(long column) => DateTimeOffset.FromUnixTimeMilliseconds(column);

    public static DateTimeOffset? TimeOrNull(long? column) => column is { } milliseconds ? Time(milliseconds) : null;

    /// <summary>Many ids as one parameter: a JSON array of hex strings, for <c>IN (SELECT unhex(value) FROM json_each(@ids))</c>.</summary>
    public static string List(IEnumerable<UserId> ids) => $"[{string.Join(',', ids.Select(id => $"\"{id.Value:n}\""))}]";
}
