using Mimu.Core.Storage;

namespace Mimu.Core.Media;

/// <summary>What came of copying some files.</summary>
/// <param name="Copied">Files that were copied, and read again there: they are right.</param>
/// <param name="CopiedBytes">Their bytes.</param>
/// <param name="Present">Files that were there already, and right.</param>
/// <param name="PresentBytes">Their bytes.</param>
/// <param name="Lost">Files that have no bytes to be copied.</param>
/// <param name="Damaged">Files whose bytes are not as the table has them. They are not copied.</param>
/// <param name="Next">Where to go on; null at the end.</param>
public sealed record MigratedFiles(
    long Copied, long CopiedBytes, long Present, long PresentBytes, IReadOnlyList<FileKey> Lost, IReadOnlyList<FileKey> Damaged, FileKey? Next);

/// <summary>
/// Copies all files from one store to another. The store that they come from stays as it is. What is there already is read and skipped when it is right, so that it can be stopped at any
/// moment and begun again, and a second run is the proof of the first.
/// </summary>
public sealed class MigrateFiles(IDatabase database, IBlobStore from, IBlobStore to, FinishUpload finish, TimeProvider clock)
{
    private const int Batch = 200;

    /// <exception cref="IOException">A store is out of reach, or keeps something else than it is given.</exception>
    public async ValueTask<MigratedFiles> RunAsync(WalkStep step, CancellationToken cancellation)
    {
        if (step.After is null)
        {
            // A store that does not answer has its say also when there is nothing to copy.
            await from.FindSizeAsync(FileKey.New(), cancellation);
            await to.FindSizeAsync(FileKey.New(), cancellation);
            await FinishUploadsAsync(cancellation);
        }
        var (seen, next) = await FileWalk.RunAsync(database, step, clock, async (file, stop) => (File: file, Copy: await CopyAsync(file, stop)), cancellation);
        return new MigratedFiles(
            Of(FileCopy.Copied).Count(), Of(FileCopy.Copied).Sum(file => file.Size),
            Of(FileCopy.Present).Count(), Of(FileCopy.Present).Sum(file => file.Size),
            [.. Of(FileCopy.Lost).Select(file => file.Key)], [.. Of(FileCopy.Damaged).Select(file => file.Key)], next);

        IEnumerable<MediaFile> Of(FileCopy copy) => seen.Where(it => it.Copy == copy).Select(it => it.File);
    }

    /// <summary>An outside store tells nobody of its uploads; those that nobody has asked for yet are files too.</summary>
    private async ValueTask FinishUploadsAsync(CancellationToken cancellation)
    {
        FileKey? after = null;
        IReadOnlyList<MediaFile> page;
        do
        {
            page = await database.ReadAsync(tx => tx.Files.ListOverdueAsync(clock.Now() + SigV4.MaxLifetime + TimeSpan.FromDays(1), after, Batch), cancellation);
            foreach (var file in page)
            {
                after = file.Key;
                if (await from.FindSizeAsync(file.Key, cancellation) == file.Size)
                {
                    await finish.RunAsync(file.Key, sha256: null, cancellation);
                }
            }
        }
        while (page.Count == Batch);
    }

    private async ValueTask<FileCopy> CopyAsync(MediaFile file, CancellationToken cancellation)
    {
        var isThere = await to.FindSizeAsync(file.Key, cancellation) is not null;
        if (isThere && file.Sha256 is { } known && await IsThereAsync(file, known, cancellation))
        {
            return FileCopy.Present;
        }
        if (isThere || file.Sha256 is null)
        {
            // Nobody knows what it must hash to, or there is something wrong in its place, which may go only if this is right.
            var (size, hash) = await from.MeasureAsync(file.Key, cancellation);
            if (size is null)
            {
                return await GoneOrAsync(FileCopy.Lost, file, cancellation);
            }
            if (size != file.Size || (file.Sha256 is not null && !hash.AsSpan().SequenceEqual(file.Sha256)))
            {
                return await GoneOrAsync(FileCopy.Damaged, file, cancellation);
            }
            file = file with { Sha256 = hash };
            if (isThere && await IsThereAsync(file, hash, cancellation))
            {
                return FileCopy.Present;
            }
            await to.DeleteAsync(file.Key, cancellation);
        }
        return await StoreAsync(file, file.Sha256!, cancellation);
    }

    private async ValueTask<FileCopy> StoreAsync(MediaFile file, byte[] sha256, CancellationToken cancellation)
    {
        if (await from.OpenAsync(file.Key, cancellation) is not { } content)
        {
            return await GoneOrAsync(FileCopy.Lost, file, cancellation);
        }
        await using (content)
        {
            var receipt = await to.StoreAsync(file.Key, content, file.Size, sha256, cancellation);
            if (receipt.Outcome is BlobOutcome.WrongSize or BlobOutcome.WrongChecksum)
            {
                return await GoneOrAsync(FileCopy.Damaged, file, cancellation);
            }
        }
        return await IsThereAsync(file, sha256, cancellation)
            ? FileCopy.Copied
            : throw new IOException($"The file {file.Key} was copied, and what is there now is something else.");
    }

    private async ValueTask<bool> IsThereAsync(MediaFile file, byte[] sha256, CancellationToken cancellation)
    {
        var (size, hash) = await to.MeasureAsync(file.Key, cancellation);
        return size == file.Size && hash.AsSpan().SequenceEqual(sha256);
    }

    /// <summary>What was deleted while it was copied is no loss.</summary>
    private async ValueTask<FileCopy> GoneOrAsync(FileCopy copy, MediaFile file, CancellationToken cancellation) =>
        await database.ReadAsync(tx => tx.Files.FindAsync(file.Key), cancellation) is { State: FileState.Finished } ? copy : FileCopy.Gone;

    private enum FileCopy
    {
        Copied,
        Present,
        Lost,
        Damaged,
        Gone,
    }
}
