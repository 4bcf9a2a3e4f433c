using System.Globalization;
using Mimu.Core.Media;
using Mimu.Core.Storage;

namespace Mimu.Appliance.Media;

/// <summary>A GET or HEAD whose signature is good (protocol 8.3).</summary>
internal sealed class BlobDownload(IDatabase database, IBlobStore blobs)
{
    private const int BufferSize = 64 * 1024;

    /// <summary>A key is written once, so that it says which bytes it names.</summary>
    public static string TagOf(FileKey key) => $"\"{key}\"";

    /// <returns>Null if it has been answered.</returns>
    public async ValueTask<S3Error?> RunAsync(HttpContext http, FileKey key)
    {
        if (await database.ReadAsync(tx => tx.Files.FindAsync(key), http.RequestAborted) is not { State: FileState.Finished } file)
        {
            return S3Error.NoSuchKey;
        }
        await using var content = await blobs.OpenAsync(key, http.RequestAborted);
        if (content is null)
        {
            return S3Error.NoSuchKey;
        }
        if (content.Length != file.Size)
        {
            throw new EndOfStreamException("A stored file has not the size that it was stored with: see `mimu admin media verify`.");
        }
        var conditions = new Conditions(http.Request.GetTypedHeaders(), TagOf(key), file.CreatedAt);
        if (conditions.HaveFailed)
        {
            return S3Error.PreconditionFailed;
        }
        var response = http.Response;
        response.Headers.ETag = TagOf(key);
        response.Headers.LastModified = file.CreatedAt.ToString("R", CultureInfo.InvariantCulture);
        response.Headers.AcceptRanges = "bytes";
        response.Headers.CacheControl = "private";
        if (conditions.AreNotModified)
        {
            response.StatusCode = StatusCodes.Status304NotModified;
            return null;
        }
        var size = content.Length;
        // Only what GET does with a range is defined (RFC 9110 section 14.2).
        var header = HttpMethods.IsGet(http.Request.Method) && conditions.RangeApplies ? http.Request.Headers.Range.ToString() : null;
        var outcome = ByteRange.Read(header, size, out var range);
        if (outcome is RangeOutcome.Unsatisfiable)
        {
            response.Headers.ContentRange = string.Create(CultureInfo.InvariantCulture, $"bytes */{size}");
            return S3Error.InvalidRange;
        }
        if (outcome is RangeOutcome.Part)
        {
            response.StatusCode = StatusCodes.Status206PartialContent;
            response.Headers.ContentRange = range.ContentRange(size);
        }
        else if (file.Sha256 is { } sha256)
        {
            response.Headers["x-amz-checksum-sha256"] = Convert.ToBase64String(sha256);
        }
        // What people send each other must not act as a page of this server's, whatever it is called.
        response.Headers.ContentDisposition = "attachment";
        response.Headers.ContentSecurityPolicy = "default-src 'none'; sandbox";
        response.ContentType = file.ContentType;
        response.ContentLength = range.Length;
        if (HttpMethods.IsGet(http.Request.Method))
        {
            await SendAsync(http, content, range);
        }
        return null;
    }

    private static async Task SendAsync(HttpContext http, Stream content, ByteRange range)
    {
        content.Position = range.First;
        var writer = http.Response.BodyWriter;
        for (var rest = range.Length; rest > 0;)
        {
            var memory = writer.GetMemory(BufferSize);
            var count = await content.ReadAsync(memory[..(int)Math.Min(memory.Length, rest)], http.RequestAborted);
            if (count == 0)
            {
                throw new EndOfStreamException("A stored file is shorter than it was.");
            }
            writer.Advance(count);
            rest -= count;
            if ((await writer.FlushAsync(http.RequestAborted)).IsCompleted)
            {
                return;
            }
        }
    }
}
