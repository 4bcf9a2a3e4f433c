using Mimu.Appliance.Configuration;
using Mimu.Appliance.Notifications;
using Mimu.Core.Push;
using Mimu.Core.Storage;

namespace Mimu.Appliance.Push;

/// <summary>The ways to the push services that the settings name.</summary>
internal static class PushParts
{
    /// <summary>Has phones woken.</summary>
    public static void AddPush(this IServiceCollection services, MimuOptions options)
    {
        services.AddPushSenders(options);
        services.AddSingleton(provider => new PushSettings(options.Push.Ttl, [.. provider.GetServices<IPushSender>().Select(sender => sender.Platform)]));
        services.AddSingleton<WakeUps>();
        services.AddSingleton<RegisterForPush>();
        services.AddSingleton<NotificationBodies>();
        services.AddSingleton<PushCounts>();
        services.AddSingleton<CallPushes>();
        services.AddSingleton<ICallPush>(provider => provider.GetRequiredService<CallPushes>());
        services.AddHostedService<PushWorker>();
    }

    /// <summary>Registers an <see cref="IPushSender"/> for each, and <see cref="Vapid"/> if Web Push is among them.</summary>
    public static void AddPushSenders(this IServiceCollection services, MimuOptions options)
    {
        var push = options.Push;
        if (push.Fcm.CredentialsFile.Length > 0)
        {
            services.AddSingleton<IPushSender>(provider => new LaterSender(PushPlatform.Fcm, () => FcmSender.Of(push.Fcm, provider.GetRequiredService<TimeProvider>())));
        }
        if (push.Apns.KeyFile.Length > 0)
        {
            services.AddSingleton<IPushSender>(provider => new LaterSender(PushPlatform.Apns, () => ApnsSender.Of(push.Apns, provider.GetRequiredService<TimeProvider>())));
        }
        if (push.WebPush.Enabled)
        {
            // Asks for the database first: the file is read by who holds the data directory.
            services.AddSingleton(provider => provider.GetRequiredService<IDatabase>() is not null
                ? new Vapid(VapidKey.ReadOrCreate(options.Server.DataDir), push.WebPush.Subject, provider.GetRequiredService<TimeProvider>())
                : throw new InvalidOperationException("There is no database."));
            services.AddSingleton<IPushSender>(provider =>
            {
                // The key is there from the first start on, and used only later.
                if (provider.GetRequiredService<IDatabase>() is not null)
                {
                    VapidKey.Ensure(options.Server.DataDir);
                }
                return new LaterSender(PushPlatform.WebPush,
                    () => new WebPushSender(provider.GetRequiredService<Vapid>(), push.WebPush.AllowPrivateEndpoints, provider.GetRequiredService<TimeProvider>()));
            });
        }
    }
}
