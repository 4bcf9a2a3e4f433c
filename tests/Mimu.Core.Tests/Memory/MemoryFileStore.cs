using Mimu.Core.Media;

namespace Mimu.Core.Tests.Memory;

internal sealed class MemoryFileStore(MemoryTransaction tx) : IFileStore
{
    public ValueTask AddAsync(MediaFile file)
    {
        tx.State = tx.State with { Files = tx.State.Files.Add(file.Key.ToString(), file) };
        return ValueTask.CompletedTask;
    }

    public ValueTask<MediaFile?> FindAsync(FileKey key) => new(tx.State.Files.GetValueOrDefault(key.ToString()));

    public ValueTask<long> SumFinishedAsync(UserId owner) => new(Of(owner).Where(file => file.State is FileState.Finished).Sum(file => file.Size));

    public ValueTask<long> SumCountedAsync(UserId owner) => new(Of(owner).Where(file => file.State is not FileState.Removed).Sum(file => file.Size));

    public ValueTask<long> SumRevokedAsync(UserId owner, DateTimeOffset now) =>
        new(Of(owner).Where(file => file.State is FileState.Removed && file.UploadUntil >= now).Sum(file => file.Size));

    public ValueTask<FileCounts> CountAsync()
    {
        var states = tx.State.Files.Values.ToLookup(file => file.State, file => file.Size);
        return new(new FileCounts(states[FileState.Finished].Count(), states[FileState.Finished].Sum(), states[FileState.Requested].Count(), states[FileState.Requested].Sum(),
            ToErase.Count(), ToErase.Sum(file => file.Size))
        {
            Owners = tx.State.Files.Values.Where(file => file.State is FileState.Finished).Select(file => file.Owner).Distinct().Count(),
        });
    }

    public ValueTask<long> CountOlderAsync(DateTimeOffset before) => new(tx.State.Files.Values.LongCount(file => file.State is FileState.Finished && file.CreatedAt < before));

    public ValueTask<bool> FinishAsync(FileKey key, byte[]? sha256) =>
        new(Change(tx.State.Files.Values.Where(file => file.Key == key && file.State is FileState.Requested), file => file with { State = FileState.Finished, Sha256 = sha256 ?? file.Sha256 }) == 1);

    public ValueTask NoteChecksumAsync(FileKey key, byte[] sha256)
    {
        Change(tx.State.Files.Values.Where(file => file.Key == key && file is { State: FileState.Finished, Sha256: null }), file => file with { Sha256 = sha256 });
        return ValueTask.CompletedTask;
    }

    public ValueTask<bool> RemoveAsync(FileKey key) => new(Remove(tx.State.Files.Values.Where(file => file.Key == key)) == 1);

    public ValueTask<int> RemoveAllAsync(UserId owner) => new(Remove(Of(owner)));

    public ValueTask<int> RemoveOlderAsync(DateTimeOffset before, int limit) => new(Remove(tx.State.Files.Values
        .Where(file => file.State is FileState.Finished && file.CreatedAt < before).OrderBy(file => file.CreatedAt).Take(limit)));

    public ValueTask<IReadOnlyList<MediaFile>> ListOverdueAsync(DateTimeOffset before, FileKey? after, int limit) =>
        new([.. List(FileState.Requested, after).Where(file => file.UploadUntil < before).Take(limit)]);

    public ValueTask<IReadOnlyList<MediaFile>> ListOverdueOfAsync(UserId owner, DateTimeOffset before, int limit) =>
        new([.. Of(owner).Where(file => file.State is FileState.Requested && file.UploadUntil < before).OrderBy(file => file.UploadUntil).Take(limit)]);

    public ValueTask<IReadOnlyList<FileKey>> ListFinishedAsync(FileKey? after, int limit) =>
        new([.. List(FileState.Finished, after).Take(limit).Select(file => file.Key)]);

    public ValueTask<IReadOnlyList<FileKey>> ListRemovedAsync(DateTimeOffset now, FileKey? after, int limit) => new(
        [.. List(FileState.Removed, after).Where(file => !tx.State.ErasedFiles.Contains(file.Key.ToString()) || file.UploadUntil < now).Take(limit).Select(file => file.Key)]);

    public ValueTask<bool> ErasedAsync(FileKey key, DateTimeOffset now)
    {
        if (tx.State.Files.GetValueOrDefault(key.ToString()) is not { State: FileState.Removed } file)
        {
            return new(false);
        }
        var name = key.ToString();
        tx.State = file.UploadUntil < now
            ? tx.State with { Files = tx.State.Files.Remove(name), ErasedFiles = tx.State.ErasedFiles.Remove(name) }
            : tx.State with { ErasedFiles = tx.State.ErasedFiles.Add(name) };
        return new(true);
    }

    private IEnumerable<MediaFile> ToErase => tx.State.Files.Values.Where(file => file.State is FileState.Removed && !tx.State.ErasedFiles.Contains(file.Key.ToString()));

    private IEnumerable<MediaFile> Of(UserId owner) => tx.State.Files.Values.Where(file => file.Owner == owner);

    private IEnumerable<MediaFile> List(FileState state, FileKey? after) =>
        tx.State.Files.Values.Where(file => file.State == state && string.CompareOrdinal(file.Key.ToString(), after?.ToString()) > 0);

    private int Remove(IEnumerable<MediaFile> files) => Change(files.Where(file => file.State is not FileState.Removed), file => file with { State = FileState.Removed });

    private int Change(IEnumerable<MediaFile> files, Func<MediaFile, MediaFile> change)
    {
        var changed = files.Select(change).ToList();
        tx.State = tx.State with { Files = tx.State.Files.SetItems(changed.Select(file => KeyValuePair.Create(file.Key.ToString(), file))) };
        return changed.Count;
    }
}
