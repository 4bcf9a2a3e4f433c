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
            return new DataDirectoryLock(new FileStream(Path.Combine(directory, FileName), new FileStreamOptions
            {
                Mode = FileMode.OpenOrCreate,
                Access = FileAccess.ReadWrite,
                Share = FileShare.None,
                UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
            }));
        }
        catch (IOException e) when ((e.HResult & 0xFFFF) == WouldBlock)
        {
            throw new StorageRefusedException(StorageRefusal.InUse, $"Another process is using the data directory {directory}.", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StorageRefusedException(StorageRefusal.NotWritable, $"The data directory {directory} can't be written: {e.Message}", e);
        }
    }

    public void Dispose() => _file.Dispose();
}
