using Mimu.Appliance.Auth;
using Mimu.Appliance.Configuration;
using Mimu.Core.Calls;
using Mimu.Core.Storage;

namespace Mimu.Appliance.Calls;

/// <summary>What calls need: their rules and settings, and who ends those that nobody takes.</summary>
internal static class CallParts
{
    public static void AddCalls(this IServiceCollection services, MimuOptions options)
    {
        // Asks for the database first: the key's file is read by who holds the data directory.
        services.AddSingleton(provider => provider.GetRequiredService<IDatabase>() is not null ? TurnSettingsOf(options) : throw new InvalidOperationException("There is no database."));
        services.AddSingleton<IssueTurnCredentials>();
        services.AddSingleton(new CallSettings { RingTimeout = options.Calls.RingTimeout });
        services.AddSingleton<CallTable>();
        services.AddSingleton<SignalCall>();
        services.AddSingleton<CallWorker>();
        services.AddHostedService(provider => provider.GetRequiredService<CallWorker>());
    }

    /// <summary>The key is made when there is a use for it.</summary>
    private static TurnSettings TurnSettingsOf(MimuOptions options)
    {
        var settings = new TurnSettings(options.Calls.TurnUris, TurnSettings.ReadSecrets(options.Calls.TurnSecret), options.Calls.CredentialLifetime, PseudonymKey: default);
        return settings.Uris.Count > 0 && settings.Secrets.Count > 0 ? settings with { PseudonymKey = KeyFile.OfCalls(options.Server.DataDir).ReadOrCreate()[^1].Secret } : settings;
    }
}
