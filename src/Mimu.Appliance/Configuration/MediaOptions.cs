namespace Mimu.Appliance.Configuration;

/// <summary><c>[media]</c>: files (protocol section 8). The sizes here are those of accounts that are not premium.</summary>
internal sealed class MediaOptions
{
    public readonly S3Options S3 = new();

    /// <summary>Where files are kept.</summary>
    public MediaBackend Backend = MediaBackend.Disk;

    /// <summary>The directory of the built-in store. "": in the data directory, see <see cref="MimuOptions.MediaPath"/>.</summary>
    public string Path = "";

    /// <summary>The bucket: the first part of the path of presigned URLs, of the built-in store too.</summary>
    public string Bucket = "mimu-media";

    /// <summary>The most bytes of one file.</summary>
    public long MaxFile = 100L << 20;

    /// <summary>The most bytes of all of an account's files.</summary>
    public long Quota = 5L << 30;

    /// <summary>Bytes that must stay free on the store's disk; below it uploads are refused with 507. 0: not looked at.</summary>
    public long MinFreeDisk = 1L << 30;

    /// <summary>How long a presigned upload URL is good for.</summary>
    public TimeSpan UploadUrlLifetime = TimeSpan.FromMinutes(15);

    /// <summary>How long a presigned download URL is good for.</summary>
    public TimeSpan DownloadUrlLifetime = TimeSpan.FromMinutes(60);

    /// <summary>The age at which files are erased. null: never.</summary>
    public TimeSpan? Retention;
}

/// <summary>Where files are kept.</summary>
internal enum MediaBackend
{
    /// <summary>In the built-in store on the local disk.</summary>
    Disk,

    /// <summary>In an outside store that speaks S3.</summary>
    S3,
}

/// <summary><c>[media.s3]</c>: the outside store; only with <see cref="MediaBackend.S3"/>.</summary>
internal sealed class S3Options
{
    /// <summary>The store's URL, without the bucket.</summary>
    public string Endpoint = "";

    /// <summary>The region that signatures are made for.</summary>
    public string Region = "us-east-1";

    /// <summary>The name of the key pair; it stands in every presigned URL, so it is no secret.</summary>
    public string AccessKey = "";

    /// <summary>The secret of the key pair.</summary>
    public string SecretKey = "";

    /// <summary>The file that <see cref="SecretKey"/> was read from. "": none.</summary>
    public string SecretKeyFile = "";
}
