namespace Mimu.Embedded;

/// <summary>Where the embedded back end keeps its state, and how safely.</summary>
/// <param name="DataDirectory">Made with mode 0700 if it is not there; one process at a time.</param>
/// <param name="DatabasePath">The SQLite file.</param>
/// <param name="SyncEveryCommit">True (<c>synchronous = "full"</c>): an acknowledged write survives a power cut. False: it survives a crash of the process.</param>
public sealed record EmbeddedOptions(string DataDirectory, string DatabasePath, bool SyncEveryCommit)
{
    /// <summary>Where the bytes of files are kept, made with mode 0700 if it is not there; null if they are kept elsewhere.</summary>
    public string? BlobsDirectory { get; init; }
}
