using System.Collections.Concurrent;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Mimu.Core.Media;
using Mimu.Core.Storage;

namespace Mimu.Appliance.Media;

/// <summary>A PUT whose signature is good (protocol 8.2).</summary>
internal sealed class BlobUpload(IDatabase database, IBlobStore blobs, FinishUpload finish, MediaSettings settings)
{
    private const string ChecksumHeader = "x-amz-checksum-sha256";

    /// <summary>Who sends less than this on the average has gone away, or never meant to end: a mobile network of the year 2000 carries twice as much.</summary>
    private static readonly MinDataRate _slowest = new(bytesPerSecond: 1024, gracePeriod: TimeSpan.FromSeconds(10));

    /// <summary>Bytes a second that a whole upload must come to, and the time that it has anyway: room is taken for all of it when it begins.</summary>
    private const int SlowestOnTheWhole = 16 * 1024;
    private static readonly TimeSpan _leastTime = TimeSpan.FromMinutes(1);

    /// <summary>The uploads that are under way, each with what breaks it off: one a file, so that nobody takes more room than was counted for them.</summary>
    private readonly ConcurrentDictionary<FileKey, CancellationTokenSource> _underWay = new();

    /// <summary>Breaks an upload off whose file has just been removed.</summary>
    public async ValueTask BreakOffAsync(FileKey key)
    {
        if (_underWay.TryGetValue(key, out var upload))
        {
            try
            {
                await upload.CancelAsync();
            }
            catch (ObjectDisposedException)
            {
                // It has just ended by itself.
            }
        }
    }

    /// <returns>Null if it has been answered: the file is stored.</returns>
    public async ValueTask<S3Error?> RunAsync(HttpContext http, FileKey key, SignatureVerified signature)
    {
        using var upload = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted);
        if (!_underWay.TryAdd(key, upload))
        {
            return S3Error.SlowDown;
        }
        try
        {
            upload.CancelAfter(_leastTime + TimeSpan.FromSeconds((http.Request.ContentLength ?? 0) / SlowestOnTheWhole));
            return await TakeAsync(http, key, signature, upload.Token);
        }
        catch (OperationCanceledException) when (!http.RequestAborted.IsCancellationRequested)
        {
            // Either its time was over, or its file is gone.
            return await database.ReadAsync(tx => tx.Files.FindAsync(key), CancellationToken.None) is { State: not FileState.Removed } ? S3Error.RequestTimeout : S3Error.NoSuchKey;
        }
        finally
        {
            _underWay.TryRemove(key, out _);
        }
    }

    private async ValueTask<S3Error?> TakeAsync(HttpContext http, FileKey key, SignatureVerified signature, CancellationToken cancellation)
    {
        if (!signature.Signs("content-length") || !signature.Signs("content-type"))
        {
            return S3Error.NothingToUpload;
        }
        var length = http.Request.ContentLength ?? 0;
        if (length > settings.MaxFile)
        {
            return S3Error.EntityTooLarge;
        }
        if (await database.ReadAsync(tx => tx.Files.FindAsync(key), http.RequestAborted) is not { State: not FileState.Removed } file)
        {
            return S3Error.NoSuchKey;
        }
        if (file.State is FileState.Finished)
        {
            return S3Error.WrittenOnce;
        }
        if (length != file.Size)
        {
            return S3Error.NothingToUpload;
        }
        if (!await settings.HasRoomAsync(blobs, length, http.RequestAborted))
        {
            return S3Error.InsufficientStorage;
        }
        http.Features.GetRequiredFeature<IHttpMaxRequestBodySizeFeature>().MaxRequestBodySize = length;
        if (HttpProtocol.IsHttp11(http.Request.Protocol) && http.Features.Get<IHttpMinRequestBodyDataRateFeature>() is { } rate)
        {
            rate.MinDataRate = _slowest;
        }
        return await StoreAsync(http, key, length, signature.Signs(ChecksumHeader) ? file.Sha256 : null, cancellation);
    }

    private async ValueTask<S3Error?> StoreAsync(HttpContext http, FileKey key, long length, byte[]? sha256, CancellationToken cancellation)
    {
        var receipt = await blobs.StoreAsync(key, http.Request.Body, length, sha256, cancellation);
        switch (receipt.Outcome)
        {
            case BlobOutcome.WrongSize:
                return S3Error.IncompleteBody;
            case BlobOutcome.WrongChecksum:
                return S3Error.BadDigest;
        }
        // What is stored is also noted when the client has just gone: it may well have been told so by the time it did. A blob without a note is one that a crash has left.
        if (!await finish.RunAsync(key, receipt.Outcome is BlobOutcome.Stored ? receipt.Sha256 : null, CancellationToken.None))
        {
            return S3Error.NoSuchKey;
        }
        if (receipt.Outcome is BlobOutcome.Exists)
        {
            return S3Error.WrittenOnce;
        }
        http.Response.Headers.ETag = BlobDownload.TagOf(key);
        http.Response.Headers[ChecksumHeader] = Convert.ToBase64String(receipt.Sha256);
        http.Response.ContentLength = 0;
        return null;
    }
}
