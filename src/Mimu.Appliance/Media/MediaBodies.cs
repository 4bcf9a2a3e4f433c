using System.Net.Http.Headers;
using Mimu.Appliance.Http;
using Mimu.Core.Media;

namespace Mimu.Appliance.Media;

/// <summary>The bodies of protocol section 8.</summary>
internal static class MediaBodies
{
    private const int HashSize = 32;
    private const int MaxContentType = 255;
    private const string DefaultContentType = "application/octet-stream";

    /// <summary>What numbers in JSON can say for certain (RFC 8259 section 6).</summary>
    private const long MaxSize = (1L << 53) - 1;

    public static RequestUploadCommand Upload(Fields fields) => new(
        fields.Integer("size", 1, MaxSize),
        fields.OptionalFormed("content_type", "must be a media type of at most 255 characters", IsContentType) ?? DefaultContentType,
        fields.OptionalBytes("sha256", HashSize));

    /// <summary>It is signed and sent as it is, so it must be what every client sends unchanged.</summary>
    private static bool IsContentType(string text) =>
        text.Length <= MaxContentType && !text.AsSpan().ContainsAnyExceptInRange(' ', '~') && text.Trim() == text && !text.Contains("  ", StringComparison.Ordinal)
        && MediaTypeHeaderValue.TryParse(text, out var type) && type.MediaType is { Length: > 0 };
}

/// <summary>How to upload a file (protocol 8.1).</summary>
internal sealed record UploadBody(string FileKey, string UploadUrl, string Method, IReadOnlyDictionary<string, string> Headers, string ExpiresAt)
{
    public static UploadBody From(RequestedUpload upload) =>
        new(upload.File.Key.ToString(), upload.Put.Url, "PUT", upload.Put.Headers.ToDictionary(), Wire.Time(upload.Put.ExpiresAt));
}

/// <summary>A file, and how to fetch it (protocol 8.3).</summary>
internal sealed record FileBody(string FileKey, long Size, string ContentType, bool Uploaded, string? DownloadUrl, string? ExpiresAt)
{
    public static FileBody From(FoundFile found) => new(found.File.Key.ToString(), found.File.Size, found.File.ContentType, found.Get is not null, found.Get?.Url,
        found.Get is { } get ? Wire.Time(get.ExpiresAt) : null);
}
