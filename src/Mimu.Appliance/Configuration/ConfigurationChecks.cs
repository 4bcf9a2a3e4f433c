using Mimu.Appliance.Google;
using Mimu.Appliance.Push;
using Mimu.Core.Subscriptions.Apple;

namespace Mimu.Appliance.Configuration;

/// <summary>What settings must be together; each one by itself has been looked at before.</summary>
internal static class ConfigurationChecks
{
    /// <param name="draft">The settings as given.</param>
    /// <param name="probe">Says why a file can't be read, or null.</param>
    /// <param name="read">Reads a small file: why it can't be read, or null and its text.</param>
    public static void Run(ConfigurationDraft draft, Func<string, string?> probe, Func<string, (string? Problem, string Text)> read)
    {
        CheckFiles(draft, probe);
        CheckCredentials(draft, read, "push.fcm.credentials_file", draft.Options.Push.Fcm.CredentialsFile, GoogleAccount.Check);
        CheckCredentials(draft, read, "subscriptions.google.credentials_file", draft.Options.Subscriptions.Google.CredentialsFile, GoogleAccount.Check);
        CheckCredentials(draft, read, "push.apns.key_file", draft.Options.Push.Apns.KeyFile, ApnsKey.Check);
        CheckCredentials(draft, read, "subscriptions.apple.root_certificate_file", draft.Options.Subscriptions.Apple.RootCertificateFile, AppleRoot.Check);
        CheckNeeds(draft);
        CheckListeners(draft);
        CheckHeartbeat(draft);
        CheckArgon2(draft);
    }

    private static void CheckFiles(ConfigurationDraft draft, Func<string, string?> probe)
    {
        foreach (var setting in Settings.All)
        {
            if (draft.AreSound(setting.Key) && setting.RequiredFile(draft.Options) is { } path && probe(path) is { } problem)
                draft.Fault(setting.Key, $"{OneLine.QuotePath(path)} cannot be read: {problem}");
        }
    }

    /// <summary>What is in a file that is there. A fault told now is one that does not show at the first push or purchase, weeks later.</summary>
    private static void CheckCredentials(ConfigurationDraft draft, Func<string, (string? Problem, string Text)> read, string key, string path, Check check)
    {
        if (path.Length == 0 || !draft.AreSound(key))
            return;
        var (problem, text) = read(path);
        if ((problem is null ? check(text) : $"cannot be read: {problem}") is { } fault)
            draft.Fault(key, $"{OneLine.QuotePath(path)} {fault}");
    }

    private static void CheckNeeds(ConfigurationDraft draft)
    {
        var options = draft.Options;
        var tls = options.Server.Tls;
        if (tls.CertificateFile.Length > 0)
            Need(draft, "server.tls.certificate_file", ("server.tls.key_file", tls.KeyFile));
        if (tls.KeyFile.Length > 0)
            Need(draft, "server.tls.key_file", ("server.tls.certificate_file", tls.CertificateFile));

        var s3 = options.Media.S3;
        if (options.Media.Backend == MediaBackend.S3)
            Need(draft, "media.backend", ("media.s3.endpoint", s3.Endpoint), ("media.s3.access_key", s3.AccessKey), ("media.s3.secret_key", s3.SecretKey));

        var apns = options.Push.Apns;
        if (apns.KeyFile.Length > 0)
            Need(draft, "push.apns.key_file", ("push.apns.key_id", apns.KeyId), ("push.apns.team_id", apns.TeamId), ("push.apns.topic", apns.Topic));

        var apple = options.Subscriptions.Apple;
        if (apple.BundleId.Length > 0)
            Need(draft, "subscriptions.apple.bundle_id", ("subscriptions.apple.product_ids", string.Concat(apple.ProductIds)));

        var google = options.Subscriptions.Google;
        if (google.CredentialsFile.Length > 0)
            Need(draft, "subscriptions.google.credentials_file", ("subscriptions.google.package_name", google.PackageName));
        if (google.PackageName.Length > 0)
            Need(draft, "subscriptions.google.package_name", ("subscriptions.google.credentials_file", google.CredentialsFile));

        // STUN servers ask for no credentials, TURN servers do.
        if (Array.Exists(options.Calls.TurnUris, uri => uri.StartsWith("turn", StringComparison.Ordinal)))
            Need(draft, "calls.turn_uris", ("calls.turn_secret", options.Calls.TurnSecret));
    }

    /// <summary>Where the setting has the value that it has, the others must be given.</summary>
    private static void Need(ConfigurationDraft draft, string key, params ReadOnlySpan<(string Key, string Value)> others)
    {
        if (!draft.AreSound(key))
            return;
        foreach (var other in others)
        {
            // A secret may be missing because its file is at fault, which was told.
            if (other.Value.Length == 0 && draft.AreSound(other.Key, $"{other.Key}_file"))
                draft.Fault(key, $"needs {other.Key}, which is not given");
        }
    }

    private static void CheckListeners(ConfigurationDraft draft)
    {
        if (!draft.AreSound("server.listen", "admin.listen"))
            return;
        var seen = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach (var address in draft.Options.Server.Listen)
        {
            // Port 0 is another free port each time.
            if (!address.EndsWith(":0", StringComparison.Ordinal) && !seen.Add(address))
                draft.Fault("server.listen", $"{OneLine.Quote(address)} stands there twice; expected each address once");
        }
        if (seen.Contains(draft.Options.Admin.Listen))
            draft.Fault("admin.listen", $"{OneLine.Quote(draft.Options.Admin.Listen)} is an address of server.listen; expected another one");
    }

    private static void CheckHeartbeat(ConfigurationDraft draft)
    {
        var realtime = draft.Options.Realtime;
        if (realtime.IdleTimeout > realtime.Heartbeat || !draft.AreSound("realtime.idle_timeout", "realtime.heartbeat"))
            return;
        if (draft.IsGiven("realtime.idle_timeout"))
            draft.Fault("realtime.idle_timeout", $"is not longer than realtime.heartbeat ({realtime.Heartbeat.TotalSeconds}s); a socket needs time to answer a ping");
        else
            draft.Fault("realtime.heartbeat", $"is not shorter than realtime.idle_timeout ({realtime.IdleTimeout.TotalSeconds}s); a socket needs time to answer a ping");
    }

    private static void CheckArgon2(ConfigurationDraft draft)
    {
        var auth = draft.Options.Auth;
        if (!draft.AreSound("auth.argon2_memory", "auth.argon2_parallelism"))
            return;
        // RFC 9106 section 3.1: memory is counted in KiB, and each lane needs eight. The default has enough for the most lanes.
        if (auth.Argon2Memory % 1024 != 0)
            draft.Fault("auth.argon2_memory", $"{auth.Argon2Memory} is not a whole number of KiB; expected e.g. \"19MiB\"");
        else if (auth.Argon2Memory < 8L * 1024 * auth.Argon2Parallelism)
            draft.Fault("auth.argon2_memory", $"is too little; expected at least {8 * auth.Argon2Parallelism}KiB, 8KiB for each of auth.argon2_parallelism");
    }
}
