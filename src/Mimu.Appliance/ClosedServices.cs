using System.Diagnostics.CodeAnalysis;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Diagnostics.Metrics;
using Microsoft.Extensions.Logging.Console;
using Microsoft.Extensions.Options;
using Mimu.Appliance.Auth;
using Mimu.Appliance.Gateway;
using Mimu.Appliance.Http;
using Mimu.Appliance.Media;
using Mimu.Appliance.Media.S3;
using Mimu.Appliance.Messages;
using Mimu.Appliance.Push;
using Mimu.Appliance.Subscriptions;

namespace Mimu.Appliance;

/// <summary>
/// The options and loggers that every start asks for, one by one. The framework registers them as open generics, which the container closes by reflection: the
/// compiler can't foresee which, and the native program builds those types at run time, a quarter of its start. One that is missing here is slower and no more.
/// </summary>
internal static class ClosedServices
{
    public static void Add(IServiceCollection services)
    {
        AddOptions<FormOptions>(services);
        AddOptions<HostOptions>(services);
        AddOptions<ConsoleLifetimeOptions>(services);
        AddOptions<RouteOptions>(services);
        AddOptions<RouteHandlerOptions>(services);
        AddOptions<KestrelServerOptions>(services);
        AddOptions<SocketTransportOptions>(services);
        AddOptions<MetricsOptions>(services);
        AddOptions<LoggerFactoryOptions>(services);
        AddOptions<LoggerFilterOptions>(services);
        AddOptions<ConsoleLoggerOptions>(services);
        AddOptions<ConsoleFormatterOptions>(services);
        AddOptions<SimpleConsoleFormatterOptions>(services);
        AddOptions<JsonConsoleFormatterOptions>(services);
        AddLogger<TokenKeyWorker>(services);
        AddLogger<ErasingWorker>(services);
        AddLogger<MediaWorker>(services);
        AddLogger<StoreWatch>(services);
        AddLogger<ClientFrames>(services);
        AddLogger<RateLimits>(services);
        AddLogger<SocketDoor>(services);
        AddLogger<PushWorker>(services);
        AddLogger<CallPushes>(services);
        AddLogger<SubscriptionWorker>(services);
        AddLogger<Failures>(services);
    }

    /// <summary>As AddOptions registers them, lifetimes included.</summary>
    private static void AddOptions<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicParameterlessConstructor)] T>(IServiceCollection services)
        where T : class
    {
        services.AddTransient<IOptionsFactory<T>>(provider =>
            new OptionsFactory<T>(All<IConfigureOptions<T>>(provider), All<IPostConfigureOptions<T>>(provider), All<IValidateOptions<T>>(provider)));
        services.AddSingleton<IOptions<T>>(provider => new OptionsManager<T>(provider.GetRequiredService<IOptionsFactory<T>>()));
        services.AddSingleton<IOptionsMonitorCache<T>>(_ => new OptionsCache<T>());
        services.AddSingleton<IOptionsMonitor<T>>(provider => new OptionsMonitor<T>(provider.GetRequiredService<IOptionsFactory<T>>(),
            All<IOptionsChangeTokenSource<T>>(provider), provider.GetRequiredService<IOptionsMonitorCache<T>>()));
    }

    private static void AddLogger<T>(IServiceCollection services) =>
        services.AddSingleton<ILogger<T>>(provider => new Logger<T>(provider.GetRequiredService<ILoggerFactory>()));

    /// <summary>The container's answer is never null; the empty array shows the compiler the array type that the container makes.</summary>
    private static IEnumerable<T> All<T>(IServiceProvider provider) => provider.GetService<IEnumerable<T>>() ?? Array.Empty<T>();
}
