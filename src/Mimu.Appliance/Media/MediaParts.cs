using Mimu.Appliance.Configuration;
using Mimu.Appliance.Media.S3;
using Mimu.Appliance.Server;
using Mimu.Core.Media;
using Mimu.Core.Storage;
using Mimu.Core.Subscriptions;

namespace Mimu.Appliance.Media;

/// <summary>What files need: their rules, their settings, and the built-in store's door.</summary>
internal static class MediaParts
{
    public static void AddMedia(this IServiceCollection services, MimuOptions options)
    {
        services.AddSingleton(provider => SettingsOf(options, provider.GetRequiredService<TimeProvider>()));
        // Asks for the database first: the file is read by who holds the data directory.
        services.AddSingleton(provider => provider.GetRequiredService<IDatabase>() is not null ? new MediaKeys(options) : throw new InvalidOperationException("There is no database."));
        services.AddSingleton(provider =>
        {
            var (description, keys) = (provider.GetRequiredService<ServerDescription>(), provider.GetRequiredService<MediaKeys>());
            return options.Media.Backend is MediaBackend.S3 && S3Address.Of(options.Media) is { } outside
                ? new MediaAddress(() => outside.Endpoint, outside.Bucket, () => outside.Credentials, IsOutside: true)
                : new MediaAddress(() => new Uri(description.Url), options.Media.Bucket, () => keys.Signing, IsOutside: false);
        });
        services.AddSingleton<Presigner>();
        services.AddSingleton<MediaKeyChange>();
        services.AddSingleton<RequestUpload>();
        services.AddSingleton<FinishUpload>();
        services.AddSingleton<FindFile>();
        services.AddSingleton<DeleteFile>();
        services.AddSingleton<EraseFiles>();
        services.AddSingleton<SettleFiles>();
        services.AddSingleton<BlobUpload>();
        services.AddSingleton<BlobDownload>();
        services.AddSingleton<BlobDoor>();
        services.AddSingleton<StoreWatch>();
        services.AddHostedService(provider => provider.GetRequiredService<StoreWatch>());
        services.AddSingleton<MediaWorker>();
        services.AddHostedService(provider => provider.GetRequiredService<MediaWorker>());
    }

    /// <summary>How files are kept.</summary>
    public static MediaSettings SettingsOf(MimuOptions options, TimeProvider clock) => new()
    {
        UploadLifetime = options.Media.UploadUrlLifetime,
        DownloadLifetime = options.Media.DownloadUrlLifetime,
        MinFreeDisk = options.Media.MinFreeDisk,
        Retention = options.Media.Retention,
        Free = new FileAllowance(options.Media.MaxFile, options.Media.Quota),
        Premium = new FileAllowance(options.Limits.Premium.MaxFile, options.Limits.Premium.Quota),
        Subscribers = new Subscribers(options.Subscriptions.Mode, clock),
    };
}
