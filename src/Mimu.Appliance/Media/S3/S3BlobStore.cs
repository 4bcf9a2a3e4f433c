using System.Globalization;
using System.Net;
using System.Runtime.CompilerServices;
using System.Xml;
using Mimu.Core.Media;

namespace Mimu.Appliance.Media.S3;

/// <summary>
/// Blobs as objects in a bucket of any store that speaks S3: <c>&lt;bucket&gt;/&lt;key&gt;</c>. Clients upload and download there by themselves, with presigned URLs; this is what the server
/// does itself: it looks, deletes, lists, and copies. It stands in this project because Core does no I/O and Embedded is the back end that needs nothing else.
/// </summary>
internal sealed class S3BlobStore(S3Door door) : IBlobStore, IDisposable
{
    /// <summary>What <c>ListObjectsV2</c> gives at most.</summary>
    public const int MaxPage = 1000;

    /// <summary>How many keys are asked for at once; tests have smaller pages.</summary>
    public int PageSize { get; init; } = MaxPage;

    public bool IsOutside => true;

    public async ValueTask<long?> FindSizeAsync(FileKey key, CancellationToken cancellation)
    {
        using var response = await door.SendAsync(new S3Call(HttpMethod.Head, key), cancellation);
        return response.StatusCode switch
        {
            // Of a missing bucket a HEAD says the same as of a missing file. The check at the start and /readyz tell of it, and the clean-up lists first.
            HttpStatusCode.NotFound => null,
            HttpStatusCode.OK when response.Content.Headers.ContentLength is { } length => length,
            _ => throw await door.RefusedAsync(response, cancellation),
        };
    }

    public async ValueTask<bool> DeleteAsync(FileKey key, CancellationToken cancellation)
    {
        // A DELETE answers 204 also where there was nothing.
        if (await FindSizeAsync(key, cancellation) is null)
        {
            return false;
        }
        using var response = await door.SendAsync(new S3Call(HttpMethod.Delete, key), cancellation);
        return response.IsSuccessStatusCode || response.StatusCode is HttpStatusCode.NotFound ? true : throw await door.RefusedAsync(response, cancellation);
    }

    public async IAsyncEnumerable<FileKey> ListAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        FileKey? last = null;
        string? next = null;
        do
        {
            var page = await ListPageAsync(PageSize, next, cancellation);
            foreach (var key in page.Keys)
            {
                // Whoever compares this with the table relies on it, and would take files for lost.
                if (last is not null && string.CompareOrdinal(last.ToString(), key.ToString()) >= 0)
                {
                    throw new S3Exception($"The file store {door.Address.Host} does not list keys in the order of their bytes, as S3 does; such a bucket can't be used.");
                }
                yield return last = key;
            }
            next = page.Next;
        }
        while (next is not null);
    }

    /// <summary>
    /// A file to read, by one request from where it stands: a seek gives the request up and begins another, and so does a connection that breaks. What is deleted meanwhile goes on
    /// as long as nothing of that happens; then it fails.
    /// </summary>
    public async ValueTask<Stream?> OpenAsync(FileKey key, CancellationToken cancellation)
    {
        var response = await door.SendAsync(new S3Call(HttpMethod.Get, key), cancellation);
        if (response.StatusCode is HttpStatusCode.OK && response.Content.Headers.ContentLength is { } length)
        {
            return new S3Stream(door, key, length, response);
        }
        using (response)
        {
            var refusal = await door.RefusedAsync(response, cancellation);
            return response.StatusCode is HttpStatusCode.NotFound && refusal.Code is null or "NoSuchKey" ? null : throw refusal;
        }
    }

    public async ValueTask<BlobReceipt> StoreAsync(FileKey key, Stream content, long size, byte[]? sha256, CancellationToken cancellation)
    {
        // If-None-Match decides between two at once; this is for stores that do not know it on a PUT.
        if (await FindSizeAsync(key, cancellation) is not null)
        {
            return new BlobReceipt(BlobOutcome.Exists, []);
        }
        List<KeyValuePair<string, string>> headers =
        [
            new("Content-Length", size.ToString(CultureInfo.InvariantCulture)),
            new("Content-Type", "application/octet-stream"),
            new("If-None-Match", "*"),
        ];
        if (sha256 is not null)
        {
            headers.Add(new("x-amz-checksum-sha256", Convert.ToBase64String(sha256)));
        }
        using var body = new S3Upload(content, size, sha256);
        try
        {
            using var response = await door.SendAsync(new S3Call(HttpMethod.Put, key)
            {
                Headers = headers,
                // A signed hash every store compares with the body; checksum headers only newer ones.
                PayloadHash = sha256 is null ? SigV4.UnsignedPayload : Convert.ToHexStringLower(sha256),
                Body = () => body,
                IsRepeatable = false,
            }, cancellation);
            return response.StatusCode switch
            {
                HttpStatusCode.OK or HttpStatusCode.Created => new BlobReceipt(BlobOutcome.Stored, body.Sha256),
                // 409 ConditionalRequestConflict: another PUT of this key was under way ("PutObject").
                HttpStatusCode.PreconditionFailed or HttpStatusCode.Conflict => new BlobReceipt(BlobOutcome.Exists, []),
                _ => throw await door.RefusedAsync(response, cancellation),
            };
        }
        catch (S3UploadException e)
        {
            return e.Outcome is { } outcome ? new BlobReceipt(outcome, []) : throw e.InnerException!;
        }
    }

    /// <summary>Nobody can say.</summary>
    public ValueTask<long?> FindFreeAsync(CancellationToken cancellation) => new((long?)null);

    /// <summary>Looks whether the store is there, knows the key pair, and has the bucket.</summary>
    /// <exception cref="S3Exception">It is not so; the message says what to do.</exception>
    public async ValueTask CheckAsync(CancellationToken cancellation) => await ListPageAsync(1, next: null, cancellation);

    public void Dispose() => door.Dispose();

    private async Task<S3Page> ListPageAsync(int size, string? next, CancellationToken cancellation)
    {
        List<KeyValuePair<string, string>> query = [new("list-type", "2"), new("max-keys", size.ToString(CultureInfo.InvariantCulture))];
        if (next is not null)
        {
            query.Add(new("continuation-token", next));
        }
        using var response = await door.SendAsync(new S3Call(HttpMethod.Get, Key: null) { Query = query }, cancellation);
        if (response.StatusCode is not HttpStatusCode.OK)
        {
            throw await door.RefusedAsync(response, cancellation);
        }
        try
        {
            return S3Xml.ReadPage(await door.ReadAsync(response, cancellation));
        }
        catch (XmlException e)
        {
            throw new S3Exception($"The file store {door.Address.Host} answers with something that is no list of files. Check that media.s3.endpoint is an S3 store.", e);
        }
    }
}
