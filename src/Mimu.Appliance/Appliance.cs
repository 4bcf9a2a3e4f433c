using Microsoft.AspNetCore.Connections;
using Mimu.Appliance.Admin;
using Mimu.Appliance.Auth;
using Mimu.Appliance.Blocks;
using Mimu.Appliance.Calls;
using Mimu.Appliance.Chats;
using Mimu.Appliance.Configuration;
using Mimu.Appliance.Devices;
using Mimu.Appliance.Gateway;
using Mimu.Appliance.Http;
using Mimu.Appliance.Keys;
using Mimu.Appliance.Media;
using Mimu.Appliance.Messages;
using Mimu.Appliance.Notifications;
using Mimu.Appliance.OpenApi;
using Mimu.Appliance.Push;
using Mimu.Appliance.Server;
using Mimu.Appliance.Subscriptions;
using Mimu.Appliance.Sync;
using Mimu.Appliance.Users;
using Mimu.Core;
using Mimu.Core.Accounts;
using Mimu.Core.Blocks;
using Mimu.Core.Chats;
using Mimu.Core.Devices;
using Mimu.Core.Events;
using Mimu.Core.Keys;
using Mimu.Core.Messages;
using Mimu.Core.Push;
using Mimu.Core.Sessions;
using Mimu.Core.Storage;

namespace Mimu.Appliance;

/// <summary>The server: its parts, its pipeline and its routes.</summary>
internal static class Appliance
{
    /// <summary>Builds a server that is not started yet.</summary>
    /// <param name="options">The settings.</param>
    /// <param name="backend">
    /// Gives the back end, which stays the caller's, to be closed after the server has stopped. It is asked for when all that needs none is built, so that it can be
    /// opened meanwhile.
    /// </param>
    /// <param name="clock">The time.</param>
    public static WebApplication Build(MimuOptions options, Func<Backend> backend, TimeProvider clock)
    {
        // Nothing by itself: the slim builder reads and watches appsettings.json in the working directory, heeds ASPNETCORE_ and Kestrel__ variables, and filters hosts.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore();
        builder.Services.AddRoutingCore();
        Logs.Configure(builder.Logging, options.Log);
        Listeners.Configure(builder.WebHost, options);
        AdminDoor.Configure(builder.WebHost, options.AdminSocketPath);
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = options.Server.ShutdownGrace);
        ClosedServices.Add(builder.Services);
        builder.Services.AddSingleton<IMemoryPoolFactory<byte>, ConnectionMemory>();
        AddBackend(builder.Services, options, backend, clock);
        AddSettings(builder.Services, options);
        AddOperations(builder.Services);
        AddDoors(builder.Services);
        builder.Services.AddMedia(options);
        builder.Services.AddCalls(options);
        builder.Services.AddPush(options);
        builder.Services.AddSubscriptions(options);

        var app = builder.Build();
        app.Lifetime.ApplicationStopping.Register(app.Services.GetRequiredService<ConnectionTable>().CloseAll);
        Proxies.Believe(app, options.Server);
        app.UseMiddleware<Failures>();
        app.Use(Headers.AddAsync);
        app.Use(AdminDoor.ServeAsync);
        BlobDoor.Open(app, options);
        app.UseRouting();
        if (options.Server.CorsOrigins.Length > 0)
        {
            app.UseCors(policy => policy.WithOrigins(options.Server.CorsOrigins).AllowAnyMethod().AllowAnyHeader());
        }
        app.UseMiddleware<BearerAuthentication>();
        app.UseMiddleware<RateLimiting>();

        app.MapAuth(); // 2
        app.MapUsers(); // 3
        app.MapPrekeys(); // 3.3, 3.4
        app.MapSelf(); // 3.5
        app.MapKeys(); // 3.6, 3.7
        app.MapBlocks(); // 3.8
        app.MapDevices(); // 3.9
        app.MapChats(); // 4
        app.MapMessages(); // 5
        app.MapSync(); // 6
        app.MapGateway(); // 7
        app.MapMedia(); // 8
        app.MapCalls(); // 9
        app.MapSubscriptions(); // 10
        app.MapNotifications(); // 11
        app.MapServer(); // 12
        return app;
    }

    private static void AddBackend(IServiceCollection services, MimuOptions options, Func<Backend> backend, TimeProvider clock)
    {
        services.AddSingleton(clock);
        services.AddSingleton(_ => backend().Database);
        services.AddSingleton(_ => backend().PubSub);
        services.AddSingleton(_ => backend().Blobs);
        services.AddSingleton(provider => new PushVerbs(provider.GetRequiredService<IDatabase>(), provider.GetServices<IPushSender>, provider.GetRequiredService<PushCounts>(), clock));
        services.AddSingleton(provider => new MediaVerbs(backend(), options, provider.GetRequiredService<TimeProvider>()));
    }

    private static void AddSettings(IServiceCollection services, MimuOptions options)
    {
        services.AddSingleton(options);
        services.AddSingleton(new Limits
        {
            MaxPayload = (int)options.Messages.MaxPayload,
            MaxParticipants = options.Chats.MaxParticipants,
            MaxPrekeysKept = options.Limits.OneTimePrekeys,
            PrekeysLow = options.Limits.PrekeysLow,
            EditWindow = options.Messages.EditWindow,
        });
        services.AddSingleton(new Retention(options.Messages.Retention, options.Events.Retention));
        services.AddSingleton(new PasswordSettings((int)(options.Auth.Argon2Memory / 1024), options.Auth.Argon2Iterations, options.Auth.Argon2Parallelism,
            options.Auth.PasswordMinLength));
        services.AddSingleton(options.Auth.ToSessionSettings());
        services.AddSingleton(new GatewaySettings(options.Realtime.Heartbeat, options.Realtime.IdleTimeout, options.Realtime.SendQueue, (int)options.Limits.WebSocketFrame,
            options.Realtime.MaxSocketsPerSession, options.Limits.Rates.Enabled ? options.Limits.Rates.Frames : null));
        // Asks for the database first: the file is read by who holds the data directory.
        services.AddSingleton(provider => provider.GetRequiredService<IDatabase>() is not null ? KeyFile.OfTokens(options.Server.DataDir).ReadOrCreate() : []);
        services.AddSingleton(new RegistrationSettings(options.Registration.Mode));
    }

    private static void AddOperations(IServiceCollection services)
    {
        services.AddSingleton<IEventEncoder, EventJson>();
        services.AddSingleton<EventWriter>();
        services.AddSingleton<PasswordHashing>();
        services.AddSingleton<AccessTokens>();
        services.AddSingleton<SessionTokens>();
        services.AddSingleton<Register>();
        services.AddSingleton<Login>();
        services.AddSingleton<Refresh>();
        services.AddSingleton<EndSession>();
        services.AddSingleton<EndAllSessions>();
        services.AddSingleton<ChangePassword>();
        services.AddSingleton<ResetPassword>();
        services.AddSingleton<WsTickets>();
        services.AddSingleton(provider => new LiveSessions(provider.GetRequiredService<IDatabase>(), provider.GetRequiredService<IPubSub>()));
        services.AddSingleton<FetchPrekeys>();
        services.AddSingleton<PublishPrekeys>();
        services.AddSingleton<ComparePrekeys>();
        services.AddSingleton<PasswordCheck>();
        services.AddSingleton<ChangeProfile>();
        services.AddSingleton<DeleteAccount>();
        services.AddSingleton<ReplaceIdentity>();
        services.AddSingleton<StoreKeyBackup>();
        services.AddSingleton<BlockAccount>();
        services.AddSingleton<UnblockAccount>();
        services.AddSingleton<LinkDevice>();
        services.AddSingleton<RemoveDevice>();
        services.AddSingleton<CreateChat>();
        services.AddSingleton<ChangeChat>();
        services.AddSingleton<AddParticipant>();
        services.AddSingleton<RemoveParticipant>();
        services.AddSingleton<ChangeRole>();
        services.AddSingleton<MoveReadMarker>();
        services.AddSingleton<IndicateTyping>();
        services.AddSingleton<SendMessage>();
        services.AddSingleton<ListMessages>();
        services.AddSingleton<ForwardMessage>();
        services.AddSingleton<EditMessage>();
        services.AddSingleton<DeleteMessage>();
        services.AddSingleton<EraseMessages>();
    }

    private static void AddDoors(IServiceCollection services)
    {
        services.AddCors();
        services.AddSingleton<SessionCheck>();
        services.AddSingleton<TokenKeys>();
        services.AddSingleton<AdminVerbs>();
        services.AddSingleton<RateLimits>();
        services.AddSingleton<AuthBodies>();
        services.AddSingleton<SelfBodies>();
        services.AddSingleton<ChatBodies>();
        services.AddSingleton<MessageBodies>();
        services.AddSingleton<ServerDescription>();
        services.AddSingleton(provider => new OpenApiDocument(provider.GetServices<EndpointDataSource>(), provider.GetRequiredService<ServerDescription>()));
        services.AddSingleton<Origins>();
        services.AddSingleton<SocketDoor>();
        services.AddSingleton<GatewayContext>();
        services.AddSingleton<ConnectionTable>();
        services.AddSingleton<IPresence>(provider => provider.GetRequiredService<ConnectionTable>());
        services.AddSingleton<SignalFrames>();
        services.AddSingleton<ClientFrames>();
        services.AddHostedService<HeartbeatWorker>();
        services.AddHostedService<TokenKeyWorker>();
        services.AddSingleton<ErasingWorker>();
        services.AddHostedService(provider => provider.GetRequiredService<ErasingWorker>());
    }
}
