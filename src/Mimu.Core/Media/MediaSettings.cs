using Mimu.Core.Storage;
using Mimu.Core.Subscriptions;

namespace Mimu.Core.Media;

/// <summary>How files are kept (<c>[media]</c>).</summary>
public sealed record MediaSettings
{
    /// <summary>How long an upload's URL is good for, in whole seconds.</summary>
    public TimeSpan UploadLifetime { get; init; } = TimeSpan.FromMinutes(15);

    /// <summary>How long a download's URL is good for, in whole seconds.</summary>
    public TimeSpan DownloadLifetime { get; init; } = TimeSpan.FromMinutes(60);

    /// <summary>Bytes that must stay free where files are stored. 0: not looked at.</summary>
    public long MinFreeDisk { get; init; }

    /// <summary>The age at which files are erased. null: never.</summary>
    public TimeSpan? Retention { get; init; }

    /// <summary>What accounts may store that are not premium: <c>media.max_file</c>, <c>media.quota</c>.</summary>
    public FileAllowance Free { get; init; } = new(100L << 20, 5L << 30);

    /// <summary>What premium accounts may store: <c>[limits.premium]</c>.</summary>
    public FileAllowance Premium { get; init; } = new(2L << 30, 50L << 30);

    /// <summary>Says who is premium (protocol 10.4).</summary>
    public Subscribers Subscribers { get; init; } = new(SubscriptionMode.Everyone, TimeProvider.System);

    /// <summary>The most bytes that any file may have.</summary>
    public long MaxFile => Math.Max(Free.MaxFile, Premium.MaxFile);

    /// <summary>Whether so many bytes can be stored and enough of the disk is still free then.</summary>
    public async ValueTask<bool> HasRoomAsync(IBlobStore blobs, long size, CancellationToken cancellation) =>
        MinFreeDisk == 0 || await blobs.FindFreeAsync(cancellation) is not { } free || free - size >= MinFreeDisk;

    /// <summary>What an account may store.</summary>
    public async ValueTask<FileAllowance> AllowanceOfAsync(ITransaction tx, UserId user) => await Subscribers.StatusOfAsync(tx, user) is { IsActive: true } ? Premium : Free;
}

/// <summary>What an account may store.</summary>
/// <param name="MaxFile">The most bytes of one file.</param>
/// <param name="Quota">The most bytes of all of them.</param>
public sealed record FileAllowance(long MaxFile, long Quota);
