using Mimu.Appliance.Configuration;
using Mimu.Appliance.Http;
using Mimu.Core.Push;

namespace Mimu.Appliance.Notifications;

/// <summary>The bodies of protocol section 11.</summary>
internal sealed class NotificationBodies(MimuOptions options)
{
    private const int MaxKey = 128;

    private static readonly (string Word, PushPlatform Value)[] _platforms = [("fcm", PushPlatform.Fcm), ("apns", PushPlatform.Apns), ("webpush", PushPlatform.WebPush)];

    public static string WordOf(PushPlatform platform) => _platforms.First(one => one.Value == platform).Word;

    public PushTarget Target(Fields fields)
    {
        var platform = fields.Choice("platform", _platforms);
        var token = fields.OptionalText("token", 1, DeviceTokens.MaxSize);
        var voipToken = fields.OptionalText("voip_token", 1, DeviceTokens.MaxSize);
        var sandbox = fields.OptionalFlag("sandbox");
        var subscription = fields.OptionalObject("subscription", Subscription);
        switch (platform)
        {
            case PushPlatform.Fcm:
                Check(fields, "token", token, DeviceTokens.IsFcm, "must be printable ASCII without spaces");
                return new PushTarget(platform, token ?? "", VoipToken: null, Sandbox: false, P256dh: null, Auth: null);
            case PushPlatform.Apns:
                Check(fields, "token", token, DeviceTokens.IsApns, "must be bytes in hex");
                if (voipToken is not null)
                {
                    Check(fields, "voip_token", voipToken, DeviceTokens.IsApns, "must be bytes in hex");
                }
                // Apple's bytes are the same in either case, and one token must not be two.
                return new PushTarget(platform, token?.ToLowerInvariant() ?? "", voipToken?.ToLowerInvariant(), sandbox, P256dh: null, Auth: null);
            case PushPlatform.WebPush when subscription is not null:
                return subscription;
            case PushPlatform.WebPush:
                // What is no object has been told already.
                Check(fields, "subscription", fields.Faults.Any ? "" : null, _ => true, "");
                break;
        }
        return new PushTarget(platform, "", VoipToken: null, Sandbox: false, P256dh: null, Auth: null);
    }

    private PushTarget Subscription(Fields fields)
    {
        var endpoint = fields.Text("endpoint", 1, WebPushSubscription.MaxEndpoint);
        if (endpoint.Length > 0 && WebPushSubscription.CheckEndpoint(endpoint, options.Push.WebPush.AllowPrivateEndpoints) is { } fault)
        {
            fields.Fault("endpoint", fault);
        }
        var keys = fields.Object("keys", Keys);
        return new PushTarget(PushPlatform.WebPush, endpoint, VoipToken: null, Sandbox: false, keys?.P256dh, keys?.Auth);
    }

    private static ClientKeys Keys(Fields fields)
    {
        var (p256dh, auth) = (fields.Text("p256dh", 1, MaxKey), fields.Text("auth", 1, MaxKey));
        var keys = new ClientKeys(WebPushSubscription.ReadP256dh(p256dh), WebPushSubscription.ReadAuth(auth));
        if (p256dh.Length > 0 && keys.P256dh is null)
        {
            fields.Fault("p256dh", "must be an uncompressed point of P-256, 65 bytes in base64url");
        }
        if (auth.Length > 0 && keys.Auth is null)
        {
            fields.Fault("auth", "must be 16 bytes in base64url");
        }
        return keys;
    }

    private static void Check(Fields fields, string name, string? text, Func<string, bool> isGood, string sentence)
    {
        if (text is null)
        {
            fields.Fault(name, "is required");
        }
        else if (text.Length > 0 && !isGood(text))
        {
            fields.Fault(name, sentence);
        }
    }

    private sealed record ClientKeys(byte[]? P256dh, byte[]? Auth);
}

/// <summary>What a registration is called (protocol 11.1).</summary>
internal sealed record RegistrationIdBody(string RegistrationId);

/// <summary>One of the caller's registrations, without what only its push service need know.</summary>
internal sealed record RegistrationBody(string RegistrationId, string Platform, int DeviceId, string CreatedAt)
{
    public static RegistrationBody From(PushRegistration registration) => new(registration.Id.ToString(), NotificationBodies.WordOf(registration.Target.Platform),
        registration.DeviceId, Wire.Time(registration.CreatedAt));
}

/// <summary>The caller's registrations (protocol 11.1).</summary>
internal sealed record RegistrationsBody(IReadOnlyList<RegistrationBody> Registrations);

/// <summary>This server's public key for Web Push (RFC 8292).</summary>
internal sealed record VapidKeyBody(string PublicKey);
