namespace Mimu.Appliance.Configuration;

/// <summary><c>[push]</c>: notifications (protocol section 11).</summary>
internal sealed class PushOptions
{
    public readonly FcmOptions Fcm = new();
    public readonly ApnsOptions Apns = new();
    public readonly WebPushOptions WebPush = new();

    /// <summary>How long a push service keeps a push for a device that is off.</summary>
    public TimeSpan Ttl = TimeSpan.FromDays(7);
}

/// <summary><c>[push.fcm]</c>: Firebase Cloud Messaging.</summary>
internal sealed class FcmOptions
{
    /// <summary>The JSON file of a Google service account. "": FCM is off.</summary>
    public string CredentialsFile = "";

    /// <summary>The service's URL.</summary>
    public string Endpoint = "https://fcm.googleapis.com";
}

/// <summary><c>[push.apns]</c>: the Apple Push Notification service, with a token key.</summary>
internal sealed class ApnsOptions
{
    /// <summary>The signing key (<c>.p8</c>). "": APNs is off.</summary>
    public string KeyFile = "";

    /// <summary>The key's id, the <c>kid</c> of its tokens.</summary>
    public string KeyId = "";

    /// <summary>The id of the developer team, the <c>iss</c> of its tokens.</summary>
    public string TeamId = "";

    /// <summary>The app's bundle id.</summary>
    public string Topic = "";

    /// <summary>The service's URL. "": Apple's production or sandbox host, as each registration says.</summary>
    public string Endpoint = "";
}

/// <summary><c>[push.webpush]</c>: Web Push and UnifiedPush (RFC 8030, RFC 8291, RFC 8292).</summary>
internal sealed class WebPushOptions
{
    public bool Enabled = true;

    /// <summary>The VAPID contact, a <c>mailto:</c> or <c>https:</c> URI. "": none.</summary>
    public string Subject = "";

    /// <summary>Whether endpoints may be <c>http://</c> and in private networks.</summary>
    public bool AllowPrivateEndpoints;
}
