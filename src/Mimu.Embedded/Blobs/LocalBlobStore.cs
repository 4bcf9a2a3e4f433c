using System.Buffers;
using System.Collections.Concurrent;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using Mimu.Core.Media;
using Mimu.Core.Storage;

namespace Mimu.Embedded.Blobs;

/// <summary>
/// Blobs as files: <c>&lt;first two characters of the key&gt;/&lt;key&gt;</c>, so that no folder has more than a thousandth of them. One is written in a folder of its own on the same file
/// system, synced, and renamed. Only this process writes here; whatever it left half-done is removed at the start.
/// </summary>
internal sealed class LocalBlobStore : IBlobStore, IDisposable
{
    private const int FolderLength = 2;
    private const string DraftsFolder = "tmp";
    private const UnixFileMode OwnersFolder = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <summary>Large enough that system calls cost little beside what they move.</summary>
    private const int BufferSize = 128 * 1024;

    /// <summary>So many bytes at a time are sent on to the disk, so that neither the sync at the end nor the database waits for a whole file to reach it.</summary>
    private const long WriteBackStep = 4 << 20;

    private readonly string _root;
    private readonly string _drafts;
    private readonly DataDirectoryLock? _lock;
    private readonly Lock _gate = new();
    private long _lastDraft;

    /// <summary>What has its name and may lose it to a power cut: nobody is told of it yet.</summary>
    private readonly ConcurrentDictionary<FileKey, bool> _unsynced = new();

    private LocalBlobStore(string root, DataDirectoryLock? directoryLock)
    {
        _root = root;
        _drafts = Path.Combine(root, DraftsFolder);
        _lock = directoryLock;
    }

    /// <param name="directory">Where; made if it is not there.</param>
    /// <param name="dataDirectory">Who holds this one holds what lies in it.</param>
    /// <exception cref="StorageRefusedException">It can't be written, or another process has it.</exception>
    public static LocalBlobStore Open(string directory, string dataDirectory)
    {
        var root = Path.GetFullPath(directory);
        DataDirectoryLock? directoryLock = null;
        try
        {
            Directory.CreateDirectory(root, OwnersFolder);
            directoryLock = DataDirectoryLock.TakeFolder(root, dataDirectory);
            var store = new LocalBlobStore(root, directoryLock);
            Directory.CreateDirectory(store._drafts, OwnersFolder);
            foreach (var draft in Directory.EnumerateFiles(store._drafts))
            {
                File.Delete(draft);
            }
            return store;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            directoryLock?.Dispose();
            throw new StorageRefusedException(StorageRefusal.NotWritable, $"The directory {directory} for files can't be written: {e.Message}", e);
        }
    }

    public bool IsOutside => false;

    public ValueTask<long?> FindSizeAsync(FileKey key, CancellationToken cancellation)
    {
        var file = new FileInfo(PathOf(key));
        return file.Exists && !_unsynced.ContainsKey(key) ? new(file.Length) : IsThere() ? new(default(long?)) : ValueTask.FromException<long?>(Unmounted());
    }

    /// <summary>To give back the room of a large file takes a file system its time.</summary>
    public ValueTask<bool> DeleteAsync(FileKey key, CancellationToken cancellation)
    {
        var path = PathOf(key);
        return File.Exists(path) ? new(Disk.RunAsync(() => Erase(path))) : IsThere() ? new(false) : ValueTask.FromException<bool>(Unmounted());
    }

    public async IAsyncEnumerable<FileKey> ListAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        if (!IsThere())
        {
            throw Unmounted();
        }
        foreach (var folder in Names(() => Directory.GetDirectories(_root)).Where(folder => Path.GetFileName(folder).Length == FolderLength))
        {
            // Nobody is to wait for the thousands of folders that may come.
            await Task.Yield();
            foreach (var path in Names(() => Directory.GetFiles(folder)))
            {
                cancellation.ThrowIfCancellationRequested();
                if (FileKey.TryParse(Path.GetFileName(path), out var key) && FolderOf(key) == folder)
                {
                    yield return key;
                }
            }
        }
    }

    public ValueTask<Stream?> OpenAsync(FileKey key, CancellationToken cancellation) => Guarded<Stream?>(() =>
    {
        try
        {
            return new FileStream(PathOf(key), new FileStreamOptions
            {
                Access = FileAccess.Read,
                Share = FileShare.ReadWrite | FileShare.Delete,
                BufferSize = 0,
                Options = FileOptions.SequentialScan,
            });
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return IsThere() ? null : throw Unmounted();
        }
    });

    public async ValueTask<BlobReceipt> StoreAsync(FileKey key, Stream content, long size, byte[]? sha256, CancellationToken cancellation)
    {
        var draft = Path.Combine(_drafts, string.Create(CultureInfo.InvariantCulture, $"{key}.{Interlocked.Increment(ref _lastDraft)}"));
        try
        {
            await using var file = await Guarded(() => Create(draft, size));
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            if (!await CopyAsync(content, file, size, hash, cancellation))
            {
                return new(BlobOutcome.WrongSize, []);
            }
            var actual = hash.GetHashAndReset();
            if (sha256 is not null && !actual.AsSpan().SequenceEqual(sha256))
            {
                return new(BlobOutcome.WrongChecksum, []);
            }
            return await Disk.RunAsync(() => Publish(file, draft, key)) ? new(BlobOutcome.Stored, actual) : new(BlobOutcome.Exists, []);
        }
        finally
        {
            Forget(draft);
        }
    }

    public ValueTask<long?> FindFreeAsync(CancellationToken cancellation) => Guarded<long?>(() => new DriveInfo(_root).AvailableFreeSpace);

    public void Dispose() => _lock?.Dispose();

    /// <summary>The room is taken at once: who looks how much is free sees it, and a disk that will be full says so before the bytes come.</summary>
    private static FileStream Create(string path, long size)
    {
        FileStream file;
        try
        {
            file = new FileStream(path, new FileStreamOptions
            {
                Mode = FileMode.CreateNew,
                Access = FileAccess.Write,
                Share = FileShare.None,
                BufferSize = 0,
                UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
            });
        }
        catch (DirectoryNotFoundException)
        {
            throw Unmounted();
        }
        try
        {
            Disk.Allocate(file.SafeFileHandle, size);
            return file;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <returns>False if there are fewer bytes or more.</returns>
    private static async ValueTask<bool> CopyAsync(Stream content, FileStream file, long size, IncrementalHash hash, CancellationToken cancellation)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
        try
        {
            var (total, sentOn) = (0L, 0L);
            while (true)
            {
                var count = await content.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellation);
                total += count;
                if (total > size)
                {
                    return false;
                }
                if (count > 0)
                {
                    hash.AppendData(buffer, 0, count);
                    await WriteAsync(file, buffer.AsMemory(0, count), cancellation);
                }
                if (count < buffer.Length)
                {
                    return total == size;
                }
                if (total - sentOn >= WriteBackStep)
                {
                    Disk.BeginWriteBack(file.SafeFileHandle, sentOn, total - sentOn);
                    sentOn = total;
                }
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static async ValueTask WriteAsync(FileStream file, ReadOnlyMemory<byte> bytes, CancellationToken cancellation)
    {
        try
        {
            await file.WriteAsync(bytes, cancellation);
        }
        catch (IOException e) when (Disk.IsFull(e))
        {
            throw Disk.Full(e);
        }
    }

    /// <summary>Gives a finished draft its name, if nobody has it. When this returns, a power cut takes nothing back.</summary>
    private bool Publish(FileStream file, string draft, FileKey key)
    {
        Disk.Sync(file);
        var (folder, path) = (FolderOf(key), PathOf(key));
        lock (_gate)
        {
            // Nobody else writes here, so that looking first is safe; rename(2) alone would replace what is there.
            if (File.Exists(path))
            {
                // Whoever has stored it may not have synced it yet.
                Disk.SyncFolder(folder);
                return false;
            }
            MakeFolder(folder);
            _unsynced[key] = true;
            File.Move(draft, path, overwrite: true);
        }
        try
        {
            Disk.SyncFolder(folder);
        }
        catch
        {
            Forget(path);
            throw;
        }
        finally
        {
            _unsynced.TryRemove(key, out _);
        }
        return true;
    }

    private void MakeFolder(string folder)
    {
        if (Directory.Exists(folder))
        {
            return;
        }
        Directory.CreateDirectory(folder, OwnersFolder);
        try
        {
            Disk.SyncFolder(_root);
        }
        catch
        {
            // Else the next would take it for one that is there to stay.
            Directory.Delete(folder);
            throw;
        }
    }

    private static void Forget(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (DirectoryNotFoundException)
        {
            // Its file system was unmounted.
        }
    }

    /// <summary>A file system that was unmounted leaves an empty folder behind, which must not look like a store without files.</summary>
    private bool IsThere() => Directory.Exists(_drafts);

    private static BlobStoreException Unmounted() => new("The folder of the files is not there as it was: its file system may have been unmounted.");

    private string FolderOf(FileKey key) => Path.Combine(_root, key.ToString()[..FolderLength]);

    private string PathOf(FileKey key) => Path.Combine(FolderOf(key), key.ToString());

    private static IEnumerable<string> Names(Func<string[]> list)
    {
        try
        {
            return list().Order(StringComparer.Ordinal);
        }
        catch (UnauthorizedAccessException e)
        {
            throw new IOException(e.Message, e);
        }
    }

    private static bool Erase(string path)
    {
        try
        {
            File.Delete(path);
            return true;
        }
        catch (UnauthorizedAccessException e)
        {
            throw new IOException(e.Message, e);
        }
    }

    private static ValueTask<T> Guarded<T>(Func<T> work)
    {
        try
        {
            return new(work());
        }
        catch (UnauthorizedAccessException e)
        {
            return ValueTask.FromException<T>(new IOException(e.Message, e));
        }
        catch (Exception e)
        {
            return ValueTask.FromException<T>(e);
        }
    }
}
