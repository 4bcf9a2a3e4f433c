using System.Globalization;
using Mimu.Appliance.Configuration;
using Mimu.Core.Media;

namespace Mimu.Appliance.Media.S3;

/// <summary>Where an outside store is, and who this server is there (<c>[media.s3]</c>). Has no text form that would tell the secret to a log.</summary>
/// <param name="endpoint">The store's URL, without the bucket; with a path if the store is under one.</param>
/// <param name="bucket">The bucket: the first part of paths, since every S3 store understands that, and host names of buckets only some.</param>
/// <param name="credentials">The key pair.</param>
internal sealed class S3Address(Uri endpoint, string bucket, S3Credentials credentials)
{
    /// <summary>The store's URL, without the bucket.</summary>
    public Uri Endpoint => endpoint;

    /// <summary>The bucket.</summary>
    public string Bucket => bucket;

    /// <summary>The key pair.</summary>
    public S3Credentials Credentials => credentials;

    /// <summary>As it stands in the <c>Host</c> header.</summary>
    public string Host
    {
        get
        {
            var name = endpoint.HostNameType is UriHostNameType.IPv6 ? endpoint.Host : endpoint.IdnHost;
            return endpoint.IsDefaultPort ? name : string.Create(CultureInfo.InvariantCulture, $"{name}:{endpoint.Port}");
        }
    }

    /// <summary>The path of the bucket, or of something in it.</summary>
    public string PathOf(FileKey? key) => $"{endpoint.AbsolutePath.TrimEnd('/')}/{bucket}{(key is null ? "" : $"/{key}")}";

    /// <summary>As the settings have it; null if they do not say, which they must only where files are kept there.</summary>
    public static S3Address? Of(MediaOptions media) =>
        media.S3.Endpoint.Length == 0 || media.S3.AccessKey.Length == 0 || media.S3.SecretKey.Length == 0
            ? null
            : new S3Address(new Uri(media.S3.Endpoint), media.Bucket, new S3Credentials(media.S3.AccessKey, media.S3.SecretKey, media.S3.Region));
}
