using System.Globalization;

namespace Mimu.Core.Media;

/// <summary>Where clients send files to and fetch them from, as they see it.</summary>
/// <param name="Endpoint">The store's URL without the bucket. Asked for each time: the built-in store's may have a port that only the system knows.</param>
/// <param name="Bucket">The first part of the path.</param>
/// <param name="Credentials">Who signs. Asked for each time, since secrets change.</param>
/// <param name="IsOutside">
/// Whether the store is another's. Ours writes a key once and sends files as attachments by itself; another is told to by <c>If-None-Match: *</c> and <c>response-content-disposition</c>.
/// </param>
public sealed record MediaAddress(Func<Uri> Endpoint, string Bucket, Func<S3Credentials> Credentials, bool IsOutside);

/// <summary>A request that a client may send, and until when.</summary>
/// <param name="Url">Where to.</param>
/// <param name="Headers">What to send with it, as it is.</param>
/// <param name="ExpiresAt">The last moment at which it may begin.</param>
public sealed record PresignedRequest(string Url, IReadOnlyList<KeyValuePair<string, string>> Headers, DateTimeOffset ExpiresAt);

/// <summary>Makes the URLs of protocol 8.2 and 8.3, alike for the built-in store and an outside one.</summary>
public sealed class Presigner(MediaAddress address, MediaSettings settings)
{
    /// <summary>When the URL of an upload that is asked for now expires: signatures know whole seconds.</summary>
    public DateTimeOffset UploadUntil(DateTimeOffset now) => WholeSeconds(now) + settings.UploadLifetime;

    /// <summary>A PUT of this file, with all that is known of it signed: its size, its type, and its checksum if the client gave one.</summary>
    public PresignedRequest Upload(MediaFile file)
    {
        var headers = new List<KeyValuePair<string, string>>
        {
            new("Content-Length", file.Size.ToString(CultureInfo.InvariantCulture)),
            new("Content-Type", file.ContentType),
        };
        if (file.Sha256 is { } sha256)
        {
            headers.Add(new("x-amz-checksum-sha256", Convert.ToBase64String(sha256)));
        }
        if (address.IsOutside)
        {
            headers.Add(new("If-None-Match", "*"));
        }
        return Sign("PUT", file.Key, headers, [], file.CreatedAt, settings.UploadLifetime);
    }

    /// <summary>A GET of a file.</summary>
    public PresignedRequest Download(FileKey key, DateTimeOffset now) =>
        Sign("GET", key, [], address.IsOutside ? [new("response-content-disposition", "attachment")] : [], now, settings.DownloadLifetime);

    private PresignedRequest Sign(
        string method, FileKey key, IReadOnlyList<KeyValuePair<string, string>> headers, IReadOnlyList<KeyValuePair<string, string>> query, DateTimeOffset now, TimeSpan lifetime)
    {
        var endpoint = address.Endpoint();
        var name = endpoint.HostNameType is UriHostNameType.IPv6 ? endpoint.Host : endpoint.IdnHost;
        var host = endpoint.IsDefaultPort ? name : string.Create(CultureInfo.InvariantCulture, $"{name}:{endpoint.Port}");
        var request = new S3Request(method, host, $"{endpoint.AbsolutePath.TrimEnd('/')}/{address.Bucket}/{key}") { Headers = headers, Query = query };
        return new($"{endpoint.Scheme}://{host}{Presigned.PathAndQuery(request, address.Credentials(), now, lifetime)}", headers, WholeSeconds(now) + lifetime);
    }

    private static DateTimeOffset WholeSeconds(DateTimeOffset time) => DateTimeOffset.FromUnixTimeSeconds(time.ToUnixTimeSeconds());
}
