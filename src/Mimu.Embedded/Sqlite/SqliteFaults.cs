using Microsoft.Data.Sqlite;
using Mimu.Core.Storage;

namespace Mimu.Embedded.Sqlite;

/// <summary>Tells a full disk and a database that does not answer from a bug. Codes: https://sqlite.org/rescode.html.</summary>
internal static class SqliteFaults
{
    private const int Busy = 5;
    private const int Locked = 6;
    private const int IoError = 10;
    private const int Corrupt = 11;
    private const int Full = 13;
    private const int CantOpen = 14;
    private const int NotADatabase = 26;

    /// <summary>A kind of <see cref="IoError"/>: the volume has no room to enlarge the index of the log (https://sqlite.org/rescode.html#ioerr_shmsize).</summary>
    private const int NoRoomForIndex = 4874;

    /// <summary>Whether the surroundings failed and not the statement: then nothing in the same transaction can be trusted to be kept.</summary>
    public static bool IsOfSurroundings(SqliteException e) =>
        e.SqliteErrorCode is Busy or Locked or IoError or Corrupt or Full or CantOpen or NotADatabase;

    /// <summary>Whether the file is no database or a damaged one.</summary>
    public static bool IsDamage(SqliteException e) => e.SqliteErrorCode is Corrupt or NotADatabase;

    /// <summary>The exception that the rest of the program knows.</summary>
    public static Exception Translate(SqliteException e) => e.SqliteErrorCode is Full || e.SqliteExtendedErrorCode is NoRoomForIndex
        ? new StorageFullException("The disk that holds the database is full.", e)
        : new StorageUnavailableException("The database does not answer.", e);
}
