using System.Diagnostics.CodeAnalysis;
using Mimu.Core.Accounts;
using Mimu.Core.Subscriptions;

namespace Mimu.Appliance.Configuration;

/// <summary>
/// The catalogue: every setting, one line each, in the order of <c>mimu.toml.example</c>. Reading the file, the environment,
/// the secrets' files, <c>mimu config show</c> and what a fault suggests all follow from it. A new setting is a field in the
/// options, a line here and one in the example.
/// </summary>
internal static class Settings
{
    private const int Many = 1_000_000;
    private const long MaxSize = 1L << 60;

    /// <summary>The most that SigV4 lets a presigned URL live (X-Amz-Expires).</summary>
    private const int MaxPresignedDays = 7;

    /// <summary>The most that FCM keeps a push (AndroidConfig.ttl).</summary>
    private const int MaxPushDays = 28;

    private static readonly TimeSpan _second = TimeSpan.FromSeconds(1);

    /// <summary>A hundred years: more than anyone means, and still a date when added to today.</summary>
    private static readonly TimeSpan _century = TimeSpan.FromDays(36_500);

    public static IReadOnlyList<Setting> All { get; } =
    [
        List("server", "listen", o => ref o.Server.Listen, "127.0.0.1:8080", ListenAddress.Check, required: true),
        Text("server", "public_url", o => ref o.Server.PublicUrl, Checks.PublicUrl),
        Text("server", "data_dir", o => ref o.Server.DataDir, Checks.NotEmpty),
        List("server", "trusted_proxies", o => ref o.Server.TrustedProxies, "10.0.0.0/8", Checks.ProxyNetwork),
        List("server", "cors_origins", o => ref o.Server.CorsOrigins, "https://web.example.org", Checks.Origin),
        Duration("server", "shutdown_grace", o => ref o.Server.ShutdownGrace, max: TimeSpan.FromHours(1)),
        File("server.tls", "certificate_file", o => ref o.Server.Tls.CertificateFile),
        File("server.tls", "key_file", o => ref o.Server.Tls.KeyFile),

        Text("admin", "socket", o => ref o.Admin.Socket, Checks.SocketPath),
        Text("admin", "listen", o => ref o.Admin.Listen, Checks.AddressOrNone),

        Choice("log", "level", o => ref o.Log.Level,
            ("trace", LogLevel.Trace), ("debug", LogLevel.Debug), ("info", LogLevel.Information), ("warning", LogLevel.Warning), ("error", LogLevel.Error)),
        Choice("log", "format", o => ref o.Log.Format, ("text", LogFormat.Text), ("json", LogFormat.Json)),

        Text("database", "path", o => ref o.Database.Path),
        Choice("database", "synchronous", o => ref o.Database.Synchronous, ("full", Synchronous.Full), ("normal", Synchronous.Normal)),

        Choice("registration", "mode", o => ref o.Registration.Mode,
            ("open", RegistrationMode.Open), ("invite", RegistrationMode.Invite), ("closed", RegistrationMode.Closed)),

        Text("auth", "issuer", o => ref o.Auth.Issuer, Checks.NotEmpty),
        Duration("auth", "access_token_lifetime", o => ref o.Auth.AccessTokenLifetime, max: TimeSpan.FromDays(30)),
        Duration("auth", "refresh_token_lifetime", o => ref o.Auth.RefreshTokenLifetime),
        Integer("auth", "refresh_grace_seconds", o => ref o.Auth.RefreshGraceSeconds, 0, 3600),
        Integer("auth", "password_min_length", o => ref o.Auth.PasswordMinLength, 8, 256),
        Size("auth", "argon2_memory", o => ref o.Auth.Argon2Memory, 8L << 10, 4L << 30),
        Integer("auth", "argon2_iterations", o => ref o.Auth.Argon2Iterations, 1, 100),
        Integer("auth", "argon2_parallelism", o => ref o.Auth.Argon2Parallelism, 1, 64),

        Duration("messages", "edit_window", o => ref o.Messages.EditWindow),
        Size("messages", "max_payload", o => ref o.Messages.MaxPayload, 1, 64L << 20),
        DurationOrForever("messages", "retention", o => ref o.Messages.Retention),
        Duration("events", "retention", o => ref o.Events.Retention),
        Integer("chats", "max_participants", o => ref o.Chats.MaxParticipants, 2, 100_000),

        Choice("media", "backend", o => ref o.Media.Backend, ("disk", MediaBackend.Disk), ("s3", MediaBackend.S3)),
        Text("media", "path", o => ref o.Media.Path),
        Text("media", "bucket", o => ref o.Media.Bucket, Checks.Bucket),
        Size("media", "max_file", o => ref o.Media.MaxFile, 1, MaxSize),
        Size("media", "quota", o => ref o.Media.Quota, 0, MaxSize),
        Size("media", "min_free_disk", o => ref o.Media.MinFreeDisk, 0, MaxSize),
        Duration("media", "upload_url_lifetime", o => ref o.Media.UploadUrlLifetime, max: TimeSpan.FromDays(MaxPresignedDays)),
        Duration("media", "download_url_lifetime", o => ref o.Media.DownloadUrlLifetime, max: TimeSpan.FromDays(MaxPresignedDays)),
        DurationOrForever("media", "retention", o => ref o.Media.Retention),
        Text("media.s3", "endpoint", o => ref o.Media.S3.Endpoint, Checks.S3EndpointOrNone),
        Text("media.s3", "region", o => ref o.Media.S3.Region, Checks.Region),
        Text("media.s3", "access_key", o => ref o.Media.S3.AccessKey, Checks.S3Word),
        .. Secret("media.s3", "secret_key", o => ref o.Media.S3.SecretKey, o => ref o.Media.S3.SecretKeyFile),

        List("calls", "turn_uris", o => ref o.Calls.TurnUris, "turn:turn.example.org:3478", Checks.TurnUri),
        .. Secret("calls", "turn_secret", o => ref o.Calls.TurnSecret, o => ref o.Calls.TurnSecretFile),
        Duration("calls", "credential_lifetime", o => ref o.Calls.CredentialLifetime, max: TimeSpan.FromDays(30)),
        Duration("calls", "ring_timeout", o => ref o.Calls.RingTimeout, max: TimeSpan.FromMinutes(10)),

        Duration("realtime", "heartbeat", o => ref o.Realtime.Heartbeat, max: TimeSpan.FromHours(1)),
        Duration("realtime", "idle_timeout", o => ref o.Realtime.IdleTimeout, max: TimeSpan.FromHours(2)),
        Integer("realtime", "max_sockets_per_session", o => ref o.Realtime.MaxSocketsPerSession, 1, 1000),
        Size("realtime", "send_queue", o => ref o.Realtime.SendQueue, 1L << 10, 1L << 30),

        Duration("push", "ttl", o => ref o.Push.Ttl, max: TimeSpan.FromDays(MaxPushDays)),
        File("push.fcm", "credentials_file", o => ref o.Push.Fcm.CredentialsFile),
        Text("push.fcm", "endpoint", o => ref o.Push.Fcm.Endpoint, Checks.Endpoint),
        File("push.apns", "key_file", o => ref o.Push.Apns.KeyFile),
        Text("push.apns", "key_id", o => ref o.Push.Apns.KeyId, Checks.AppleName),
        Text("push.apns", "team_id", o => ref o.Push.Apns.TeamId, Checks.AppleName),
        Text("push.apns", "topic", o => ref o.Push.Apns.Topic, Checks.AppleName),
        Text("push.apns", "endpoint", o => ref o.Push.Apns.Endpoint, Checks.EndpointOrNone),
        Boolean("push.webpush", "enabled", o => ref o.Push.WebPush.Enabled),
        Text("push.webpush", "subject", o => ref o.Push.WebPush.Subject, Checks.Contact),
        Boolean("push.webpush", "allow_private_endpoints", o => ref o.Push.WebPush.AllowPrivateEndpoints),

        Choice("subscriptions", "mode", o => ref o.Subscriptions.Mode,
            ("everyone", SubscriptionMode.Everyone), ("stores", SubscriptionMode.Stores), ("off", SubscriptionMode.Off)),
        Text("subscriptions.apple", "bundle_id", o => ref o.Subscriptions.Apple.BundleId),
        List("subscriptions.apple", "product_ids", o => ref o.Subscriptions.Apple.ProductIds, "premium.monthly"),
        File("subscriptions.apple", "root_certificate_file", o => ref o.Subscriptions.Apple.RootCertificateFile),
        Boolean("subscriptions.apple", "allow_sandbox", o => ref o.Subscriptions.Apple.AllowSandbox),
        Text("subscriptions.google", "package_name", o => ref o.Subscriptions.Google.PackageName, Checks.AndroidName),
        List("subscriptions.google", "product_ids", o => ref o.Subscriptions.Google.ProductIds, "premium.monthly"),
        File("subscriptions.google", "credentials_file", o => ref o.Subscriptions.Google.CredentialsFile),
        Text("subscriptions.google", "endpoint", o => ref o.Subscriptions.Google.Endpoint, Checks.Endpoint),
        .. Secret("subscriptions.google", "notification_token",
            o => ref o.Subscriptions.Google.NotificationToken, o => ref o.Subscriptions.Google.NotificationTokenFile),

        Size("limits", "json_body", o => ref o.Limits.JsonBody, 1L << 10, 256L << 20),
        Size("limits", "websocket_frame", o => ref o.Limits.WebSocketFrame, 1L << 10, 256L << 20),
        Integer("limits", "one_time_prekeys", o => ref o.Limits.OneTimePrekeys, 1, Many),
        Integer("limits", "prekeys_low", o => ref o.Limits.PrekeysLow, 0, Many),
        Size("limits.premium", "max_file", o => ref o.Limits.Premium.MaxFile, 1, MaxSize),
        Size("limits.premium", "quota", o => ref o.Limits.Premium.Quota, 0, MaxSize),
        Boolean("limits.rates", "enabled", o => ref o.Limits.Rates.Enabled),
        .. Rate("register", o => ref o.Limits.Rates.Register),
        .. Rate("login_address", o => ref o.Limits.Rates.LoginAddress),
        .. Rate("login_account", o => ref o.Limits.Rates.LoginAccount),
        .. Rate("refresh", o => ref o.Limits.Rates.Refresh),
        .. Rate("reset", o => ref o.Limits.Rates.Reset),
        .. Rate("prekeys", o => ref o.Limits.Rates.Prekeys),
        .. Rate("prekeys_pair", o => ref o.Limits.Rates.PrekeysPair),
        .. Rate("search", o => ref o.Limits.Rates.Search),
        .. Rate("create_chat", o => ref o.Limits.Rates.CreateChat),
        .. Rate("send", o => ref o.Limits.Rates.Send),
        .. Rate("upload", o => ref o.Limits.Rates.Upload),
        .. Rate("frames", o => ref o.Limits.Rates.Frames),
        .. Rate("call_offer", o => ref o.Limits.Rates.CallOffer),
    ];

    private static readonly Dictionary<string, Setting> _byKey = All.ToDictionary(setting => setting.Key, StringComparer.Ordinal);
    private static readonly Dictionary<string, Setting> _byVariable = All.ToDictionary(setting => setting.Variable, StringComparer.Ordinal);

    /// <summary>Every table that a setting stands in, the tables around it included: <c>limits</c>, <c>limits.rates</c>, <c>limits.rates.send</c>.</summary>
    public static IReadOnlySet<string> Tables { get; } = FindTables();

    public static bool TryFind(string key, [NotNullWhen(true)] out Setting? setting) => _byKey.TryGetValue(key, out setting);

    public static bool TryFindVariable(string variable, [NotNullWhen(true)] out Setting? setting) => _byVariable.TryGetValue(variable, out setting);

    private static Setting<string> Text(string table, string name, Field<string> field, Check? check = null) =>
        new(table, name, field, new TextKind(check));

    private static Setting<string> File(string table, string name, Field<string> field) => new(table, name, field, new FileKind());

    private static Setting<string[]> List(string table, string name, Field<string[]> field, string example, Check? check = null, bool required = false) =>
        new(table, name, field, new ListKind(example, check, required));

    private static Setting<bool> Boolean(string table, string name, Field<bool> field) => new(table, name, field, new BooleanKind());

    private static Setting<int> Integer(string table, string name, Field<int> field, int min, int max) => new(table, name, field, new IntegerKind(min, max));

    private static Setting<long> Size(string table, string name, Field<long> field, long min, long max) => new(table, name, field, new SizeKind(min, max));

    private static Setting<TimeSpan> Duration(string table, string name, Field<TimeSpan> field, TimeSpan? max = null) =>
        new(table, name, field, new DurationKind(_second, max ?? _century));

    private static Setting<TimeSpan?> DurationOrForever(string table, string name, Field<TimeSpan?> field) =>
        new(table, name, field, new ForeverKind(new DurationKind(_second, _century)));

    private static Setting<T> Choice<T>(string table, string name, Field<T> field, params (string Word, T Value)[] choices)
        where T : struct, Enum => new(table, name, field, new ChoiceKind<T>(choices));

    private static Setting[] Secret(string table, string name, Field<string> field, Field<string> twinField)
    {
        var twin = Text(table, $"{name}_file", twinField);
        return [new SecretSetting(table, name, field, twin), twin];
    }

    private static Setting[] Rate(string name, Field<Rate> field) =>
    [
        new Setting<int>("limits.rates", $"{name}.burst", o => ref field(o).Burst, new IntegerKind(1, Many)),
        new Setting<double>("limits.rates", $"{name}.per_minute", o => ref field(o).PerMinute, new NumberKind(Many)),
    ];

    private static HashSet<string> FindTables()
    {
        var tables = new HashSet<string>(StringComparer.Ordinal);
        foreach (var setting in All)
        {
            for (var dot = setting.Key.LastIndexOf('.'); dot > 0; dot = setting.Key.LastIndexOf('.', dot - 1))
                tables.Add(setting.Key[..dot]);
        }
        return tables;
    }
}
