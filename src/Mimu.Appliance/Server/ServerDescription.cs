using System.Reflection;
using Mimu.Appliance.Configuration;
using Mimu.Core;
using Mimu.Core.Accounts;
using Mimu.Core.Subscriptions;

namespace Mimu.Appliance.Server;

/// <summary>This server in the words of protocol section 12.</summary>
internal sealed class ServerDescription(MimuOptions options, Limits limits)
{
    /// <summary>The program's version, from the one place that has it.</summary>
    public static string Version { get; } =
        Assembly.GetExecutingAssembly().GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion;

    /// <summary>Where the server really listens, once it does; with port 0 in the settings only the system knows.</summary>
    public int? BoundPort { get; set; }

    public ServerBody Body => new("mimu", Version, WordOf(options.Registration.Mode), Features: ["accounts", "prekeys", "key-backup", "devices", "blocks", "chats", "messages", "sync", "websocket", "media", "calls", "notifications", .. options.Subscriptions.Mode is SubscriptionMode.Off ? (string[])[] : ["subscriptions"]],
        new LimitsBody(
            options.Limits.JsonBody,
            options.Limits.WebSocketFrame,
            limits.MaxPayload,
            limits.MaxMetadata,
            limits.MaxParticipants,
            Limits.MaxForwardTargets,
            (long)limits.EditWindow.TotalSeconds,
            limits.MaxPrekeysPerCall,
            limits.MaxPrekeysKept,
            limits.PrekeysLow,
            limits.MaxKeyBackup,
            options.Auth.PasswordMinLength,
            (long)options.Auth.AccessTokenLifetime.TotalSeconds,
            (long)options.Auth.RefreshTokenLifetime.TotalSeconds,
            options.Media.MaxFile,
            options.Media.Quota,
            options.Limits.Premium.MaxFile,
            options.Limits.Premium.Quota,
            (long)options.Media.UploadUrlLifetime.TotalSeconds,
            (long)options.Media.DownloadUrlLifetime.TotalSeconds,
            Limits.MaxLifetimeSeconds),
        WebsocketUrl: $"ws{Url["http".Length..]}/ws");

    /// <summary>What clients see of this server.</summary>
    public string Url => BoundPort is { } port ? options.PublicUrlOn(port) : options.PublicUrl;

    public static string WordOf(RegistrationMode mode) => mode switch
    {
        RegistrationMode.Open => "open",
        RegistrationMode.Invite => "invite",
        RegistrationMode.Closed => "closed",
        _ => throw new ArgumentOutOfRangeException(nameof(mode)),
    };
}
