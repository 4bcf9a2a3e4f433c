using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using Mimu.Core.Storage;

namespace Mimu.Embedded.Blobs;

/// <summary>What .NET does not ask of a file system itself.</summary>
internal static partial class Disk
{
    // errno(3) of Linux, as .NET reports it too.
    private const int InvalidArgument = 22;
    private const int NoSpace = 28;
    private const int NotSupported = 95;
    private const int OverQuota = 122;

    /// <summary>FALLOC_FL_KEEP_SIZE of fallocate(2): the file does not look as long as it is going to be.</summary>
    private const int KeepSize = 1;

    /// <summary>SYNC_FILE_RANGE_WRITE of sync_file_range(2).</summary>
    private const uint StartWriting = 2;

    /// <summary>O_RDONLY | O_CLOEXEC of open(2).</summary>
    private const int ReadOnly = 0x80000;

    /// <summary>Waits for the disk on a thread of its own: neither those that read from sockets nor the pool's few may stand still for as long as a sync takes.</summary>
    public static Task<T> RunAsync<T>(Func<T> work) =>
        Task.Factory.StartNew(work, CancellationToken.None, TaskCreationOptions.LongRunning | TaskCreationOptions.DenyChildAttach, TaskScheduler.Default);

    /// <inheritdoc cref="RunAsync{T}"/>
    public static Task RunAsync(Action work) =>
        Task.Factory.StartNew(work, CancellationToken.None, TaskCreationOptions.LongRunning | TaskCreationOptions.DenyChildAttach, TaskScheduler.Default);

    /// <summary>Takes room for a file. Where the file system can't, it is taken as the bytes come.</summary>
    /// <exception cref="StorageFullException">There is not so much.</exception>
    public static void Allocate(SafeFileHandle file, long size)
    {
        if (FAllocate(file, KeepSize, 0, size) != 0 && Marshal.GetLastPInvokeError() is var error && error is NoSpace or OverQuota)
        {
            throw Full(null);
        }
    }

    /// <summary>Has the kernel begin to write some of a file's bytes to the disk, and does not wait for it. A hint: where it is not taken, the sync does it all.</summary>
    public static void BeginWriteBack(SafeFileHandle file, long offset, long length) => _ = SyncFileRange(file, offset, length, StartWriting);

    /// <summary>Has a file's bytes on the disk before it returns.</summary>
    /// <exception cref="StorageFullException">They have no room there.</exception>
    /// <exception cref="IOException">It can't be done.</exception>
    public static void Sync(FileStream file)
    {
        if (FSync(file.SafeFileHandle) != 0)
        {
            throw Failure("A file can't be synced");
        }
    }

    /// <summary>Has a folder's names on the disk before it returns.</summary>
    /// <exception cref="IOException">It can't be done.</exception>
    public static void SyncFolder(string path)
    {
        using var folder = Open(path, ReadOnly);
        // Some file systems have no such thing, and say so (fsync(2)).
        if (folder.IsInvalid || (FSync(folder) != 0 && Marshal.GetLastPInvokeError() is not (InvalidArgument or NotSupported)))
        {
            throw Failure("A folder can't be synced");
        }
    }

    /// <summary>Whether this is how .NET says that a disk is full.</summary>
    public static bool IsFull(IOException e) => (e.HResult & 0xFFFF) is NoSpace or OverQuota;

    public static StorageFullException Full(Exception? inner) => new("The disk that holds the files is full.", inner);

    private static Exception Failure(string what)
    {
        var error = Marshal.GetLastPInvokeError();
        return error is NoSpace or OverQuota ? Full(null) : new IOException($"{what}: {Marshal.GetPInvokeErrorMessage(error)}");
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial SafeFileHandle Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int FSync(SafeFileHandle file);

    [LibraryImport("libc", EntryPoint = "sync_file_range")]
    private static partial int SyncFileRange(SafeFileHandle file, long offset, long length, uint flags);

    [LibraryImport("libc", EntryPoint = "fallocate", SetLastError = true)]
    private static partial int FAllocate(SafeFileHandle file, int mode, long offset, long length);
}
