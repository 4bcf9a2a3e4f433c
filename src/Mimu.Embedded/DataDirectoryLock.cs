using Mimu.Core.Storage;

namespace Mimu.Embedded;

/// <summary>Keeps a second process off the data directory. The kernel lets go of it when the process dies, however it dies.</summary>
internal sealed class DataDirectoryLock : IDisposable
{
    private const string FileName = "mimu.lock";

    /// <summary>EWOULDBLOCK of flock(2) on Linux, as .NET reports it.</summary>
    private const int WouldBlock = 11;

    private readonly FileStream _file;

    private DataDirectoryLock(FileStream file) => _file = file;

    public static DataDirectoryLock Take(string directory)
    {
        try
        {
            if (!Directory.Exists(directory))
            {
                Directory.CreateDirectory(directory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw NotWritable($"The data directory {directory}", e);
        }
        return TakeFile(Path.Combine(directory, FileName), $"The data directory {directory}");
    }

    /// <summary>A database that lies outside of the data directory, where another server with a directory of its own could find it too. Null for one within.</summary>
    public static DataDirectoryLock? TakeElsewhere(string databasePath, string dataDirectory) =>
        Path.GetDirectoryName(Path.GetFullPath(databasePath)) == Path.TrimEndingDirectorySeparator(Path.GetFullPath(dataDirectory))
            ? null
            : TakeFile($"{databasePath}.lock", $"The database {databasePath}");

    /// <summary>A folder of files that lies outside of the data directory. Null for one within.</summary>
    public static DataDirectoryLock? TakeFolder(string folder, string dataDirectory) =>
        $"{Path.GetFullPath(folder)}/".StartsWith($"{Path.TrimEndingDirectorySeparator(Path.GetFullPath(dataDirectory))}/", StringComparison.Ordinal)
            ? null
            : TakeFile(Path.Combine(folder, FileName), $"The directory {folder}");

    private static DataDirectoryLock TakeFile(string path, string what)
    {
        try
        {
            return new DataDirectoryLock(new FileStream(path, new FileStreamOptions
            {
                Mode = FileMode.OpenOrCreate,
                Access = FileAccess.ReadWrite,
                Share = FileShare.None,
                UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
            }));
        }
        catch (IOException e) when ((e.HResult & 0xFFFF) == WouldBlock)
        {
            throw new StorageRefusedException(StorageRefusal.InUse, $"{what} is in use by another process.", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw NotWritable(what, e);
        }
    }

    private static StorageRefusedException NotWritable(string what, Exception e) => new(StorageRefusal.NotWritable, $"{what} can't be written: {e.Message}", e);

    public void Dispose() => _file.Dispose();
}
