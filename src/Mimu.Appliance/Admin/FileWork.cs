using Mimu.Appliance.Configuration;
using Mimu.Appliance.Http;
using Mimu.Core.Media;

namespace Mimu.Appliance.Admin;

/// <summary>What administrators ask for about files. Long work is asked for a slice at a time, each with the key where the one before ended.</summary>
internal static class FileWork
{
    /// <summary>Short enough that a person sees it go on.</summary>
    private static readonly TimeSpan _slice = TimeSpan.FromSeconds(1);

    public static WalkStep Step(Fields fields)
    {
        FileKey? after = null;
        fields.OptionalFormed("after", "a file key", text => FileKey.TryParse(text, out after));
        return new WalkStep(after, _slice);
    }

    public static (MediaBackend To, WalkStep Step) Migration(Fields fields) =>
        (fields.Choice<MediaBackend>("to", [("disk", MediaBackend.Disk), ("s3", MediaBackend.S3)]), Step(fields));
}

/// <summary>What there is of files. Sizes in bytes; <c>free</c> is null where nobody can say.</summary>
internal sealed record FileStatsBody(
    string Backend, string Place, long Files, long Bytes, long Accounts, long Uploads, long UploadBytes, long Removed, long RemovedBytes, long? Free);

/// <summary>What a clean-up did, or would do.</summary>
internal sealed record CleanUpBody(bool DryRun, long Erased, int Finished, int Forgotten, int Lost, int Stray, bool Refused);

/// <summary>What the bytes of some files are like; <c>next</c> is null at the end.</summary>
internal sealed record VerifiedBody(long Right, long RightBytes, long Unknown, IReadOnlyList<string> Lost, IReadOnlyList<string> Damaged, string? Next)
{
    public static VerifiedBody From(VerifiedFiles files) =>
        new(files.Right, files.RightBytes, files.Unknown, [.. files.Lost.Select(key => key.ToString())], [.. files.Damaged.Select(key => key.ToString())], files.Next?.ToString());
}

/// <summary>What came of copying some files; <c>next</c> is null at the end.</summary>
internal sealed record MigratedBody(
    long Copied, long CopiedBytes, long Present, long PresentBytes, IReadOnlyList<string> Lost, IReadOnlyList<string> Damaged, string? Next)
{
    public static MigratedBody From(MigratedFiles files) => new(files.Copied, files.CopiedBytes, files.Present, files.PresentBytes,
        [.. files.Lost.Select(key => key.ToString())], [.. files.Damaged.Select(key => key.ToString())], files.Next?.ToString());
}
