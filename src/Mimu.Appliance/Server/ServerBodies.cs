namespace Mimu.Appliance.Server;

/// <summary>What a client should know before it registers (protocol section 12).</summary>
internal sealed record ServerBody(
    string Name, string Version, string Registration, IReadOnlyList<string> Features, LimitsBody Limits, string WebsocketUrl);

/// <summary>Sizes in bytes, lifetimes in seconds (protocol section 14).</summary>
internal sealed record LimitsBody(
    long JsonBody,
    long WebsocketFrame,
    int EncryptedPayload,
    int EncryptedMetadata,
    int ChatParticipants,
    int ForwardTargets,
    long EditWindow,
    int PrekeysPerCall,
    int OneTimePrekeys,
    int PrekeysLow,
    int KeyBackup,
    int PasswordMinLength,
    long AccessTokenLifetime,
    long RefreshTokenLifetime,
    long File,
    long FileQuota,
    long PremiumFile,
    long PremiumFileQuota,
    long UploadUrlLifetime,
    long DownloadUrlLifetime,
    long MessageLifetime);

/// <summary>Which part does not answer; all is well when there is none.</summary>
internal sealed record ReadinessBody(bool Ready, IReadOnlyList<string> Failing);
