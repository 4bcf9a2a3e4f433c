using Mimu.Core.Storage;

namespace Mimu.Core.Media;

/// <summary>What a look at all files has brought about.</summary>
/// <param name="Finished">Uploads whose bytes were found stored: nobody had asked for them, or the server died before it could note it.</param>
/// <param name="Forgotten">Uploads that were never finished.</param>
/// <param name="Lost">Files whose bytes are gone.</param>
/// <param name="Stray">Bytes that no file had.</param>
/// <param name="IsRefused">So much was lost, or stray, that something else must be wrong, and none of that was touched.</param>
public sealed record SettledFiles(int Finished, int Forgotten, int Lost, int Stray, bool IsRefused);

/// <summary>Has the table of files and the store agree (protocol 8.5). Uploads and deletions may go on meanwhile.</summary>
public sealed class SettleFiles(IDatabase database, IBlobStore blobs, FinishUpload finish, TimeProvider clock)
{
    /// <summary>An upload never finished is forgotten after this (protocol 8.5).</summary>
    public static readonly TimeSpan Forgetting = TimeSpan.FromHours(24);

    private const int Batch = 200;

    /// <summary>So few may be lost or stray whatever their part of the whole is, if it is not the whole.</summary>
    private const int Few = 20;

    /// <summary>
    /// What may be done without asking anybody. Files whose bytes are not to be found are told and stay in the table: a store that was not mounted, or is another one, looks just
    /// like that, and once they were forgotten their bytes would be nobody's when it comes back.
    /// </summary>
    /// <exception cref="IOException">The store is out of reach.</exception>
    public ValueTask<SettledFiles> RunAsync(CancellationToken cancellation) => RunAsync(isTrial: false, believesLoss: false, isForced: false, cancellation);

    /// <summary>The same by an administrator's order, who is told which are lost and has them forgotten.</summary>
    /// <param name="isTrial">Whether it only tells what it would bring about.</param>
    /// <param name="isForced">Whether also so many are touched that something else must be wrong.</param>
    /// <param name="cancellation">Gives up; what is done is done.</param>
    /// <exception cref="IOException">The store is out of reach.</exception>
    public ValueTask<SettledFiles> RunAsync(bool isTrial, bool isForced, CancellationToken cancellation) => RunAsync(isTrial, believesLoss: true, isForced, cancellation);

    private async ValueTask<SettledFiles> RunAsync(bool isTrial, bool believesLoss, bool isForced, CancellationToken cancellation)
    {
        var (finished, forgotten) = await SettleUploadsAsync(isTrial, cancellation);
        var (lost, stray, isRefused) = await CompareAsync(isTrial, believesLoss, isForced, cancellation);
        return new SettledFiles(finished, forgotten, lost, stray, isRefused);
    }

    private async ValueTask<(int Finished, int Forgotten)> SettleUploadsAsync(bool isTrial, CancellationToken cancellation)
    {
        var now = clock.Now();
        var (finished, forgotten) = (0, 0);
        FileKey? after = null;
        IReadOnlyList<MediaFile> page;
        do
        {
            page = await database.ReadAsync(tx => tx.Files.ListOverdueAsync(now, after, Batch), cancellation);
            foreach (var file in page)
            {
                after = file.Key;
                if (await blobs.FindSizeAsync(file.Key, cancellation) == file.Size)
                {
                    finished += isTrial || await finish.RunAsync(file.Key, sha256: null, cancellation) ? 1 : 0;
                }
                else if (file.CreatedAt <= now - Forgetting)
                {
                    forgotten += isTrial || await database.RemoveFileAsync(file.Key, FileState.Requested, cancellation) ? 1 : 0;
                }
            }
        }
        while (page.Count == Batch);
        return (finished, forgotten);
    }

    /// <summary>Goes through both in the order of their keys, side by side.</summary>
    private async ValueTask<(int Lost, int Stray, bool IsRefused)> CompareAsync(bool isTrial, bool believesLoss, bool isForced, CancellationToken cancellation)
    {
        var (lost, stray) = (new List<FileKey>(), new List<FileKey>());
        var both = 0;
        await using var stored = blobs.ListAsync(cancellation).GetAsyncEnumerator(cancellation);
        await using var known = ListFinishedAsync(cancellation).GetAsyncEnumerator(cancellation);
        var (isStored, isKnown) = (await stored.MoveNextAsync(), await known.MoveNextAsync());
        while (isStored || isKnown)
        {
            var order = !isStored ? 1 : !isKnown ? -1 : string.CompareOrdinal(stored.Current.ToString(), known.Current.ToString());
            if (order < 0)
            {
                stray.Add(stored.Current);
            }
            else if (order > 0)
            {
                lost.Add(known.Current);
            }
            else
            {
                both++;
            }
            isStored = order <= 0 ? await stored.MoveNextAsync() : isStored;
            isKnown = order >= 0 ? await known.MoveNextAsync() : isKnown;
        }
        // Each was seen at a moment of its own, and much may have happened since: look once more at those that differ.
        var enough = isForced ? int.MaxValue : Math.Max(Few, both) + 1;
        await KeepAsync(lost, IsLostAsync, enough, cancellation);
        await KeepAsync(stray, IsStrayAsync, enough, cancellation);
        // A disk that is not mounted, or a database from a backup: to believe it would destroy what can still be saved.
        var (isTooMuchLost, isTooMuchStray) = (!isForced && IsTooMuch(lost.Count, both), !isForced && IsTooMuch(stray.Count, both));
        foreach (var key in isTrial || !believesLoss || isTooMuchLost ? [] : lost)
        {
            await database.RemoveFileAsync(key, FileState.Finished, cancellation);
        }
        foreach (var key in isTrial || isTooMuchStray ? [] : stray)
        {
            await blobs.DeleteAsync(key, cancellation);
        }
        return (lost.Count, stray.Count, isTooMuchLost || isTooMuchStray);
    }

    private static bool IsTooMuch(int count, int both) => count > both && (count > Few || both == 0);

    private async ValueTask<bool> IsLostAsync(FileKey key, CancellationToken cancellation) =>
        await blobs.FindSizeAsync(key, cancellation) is null
        && await database.ReadAsync(tx => tx.Files.FindAsync(key), cancellation) is { State: FileState.Finished };

    /// <summary>A row is there before its blob is, so that one without can't get one any more.</summary>
    private async ValueTask<bool> IsStrayAsync(FileKey key, CancellationToken cancellation) =>
        await database.ReadAsync(tx => tx.Files.FindAsync(key), cancellation) is null;

    private static async ValueTask KeepAsync(List<FileKey> keys, Func<FileKey, CancellationToken, ValueTask<bool>> isSo, int enough, CancellationToken cancellation)
    {
        var kept = 0;
        foreach (var key in keys.ToArray())
        {
            if (kept == enough)
            {
                // So many that nothing will be done: what the others are need not be known.
                return;
            }
            if (await isSo(key, cancellation))
            {
                keys[kept++] = key;
            }
        }
        keys.RemoveRange(kept, keys.Count - kept);
    }

    private async IAsyncEnumerable<FileKey> ListFinishedAsync([System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellation)
    {
        FileKey? after = null;
        IReadOnlyList<FileKey> page;
        do
        {
            page = await database.ReadAsync(tx => tx.Files.ListFinishedAsync(after, Batch), cancellation);
            foreach (var key in page)
            {
                yield return after = key;
            }
        }
        while (page.Count == Batch);
    }
}
