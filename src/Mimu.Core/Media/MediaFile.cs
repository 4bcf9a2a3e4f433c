namespace Mimu.Core.Media;

/// <summary>A file: what is known of it beside its bytes (protocol section 8).</summary>
/// <param name="Key">Its name.</param>
/// <param name="Owner">Whose quota it counts in, and who may delete it.</param>
/// <param name="Size">Bytes, at least one.</param>
/// <param name="ContentType">What its owner says that it is. Nobody looks: it is encrypted.</param>
/// <param name="Sha256">The SHA-256 that it must have until it is finished, and that it has from then on, 32 bytes; null if nobody knows.</param>
/// <param name="State">How far it is.</param>
/// <param name="CreatedAt">When the upload was asked for.</param>
/// <param name="UploadUntil">When the upload's URL expires.</param>
public sealed record MediaFile(
    FileKey Key, UserId Owner, long Size, string ContentType, byte[]? Sha256, FileState State, DateTimeOffset CreatedAt, DateTimeOffset UploadUntil);

/// <summary>How far a file is. The numbers are persisted: frozen.</summary>
public enum FileState
{
    /// <summary>It may be uploaded; nobody can fetch it.</summary>
    Requested = 0,

    /// <summary>It is stored.</summary>
    Finished = 1,

    /// <summary>Nobody can fetch it any more; the blob, if there is one, is still to be erased, and once more when the upload's URL has expired.</summary>
    Removed = 2,
}
