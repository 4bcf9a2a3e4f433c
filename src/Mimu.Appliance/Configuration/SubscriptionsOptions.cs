using Mimu.Core.Subscriptions;

namespace Mimu.Appliance.Configuration;

/// <summary><c>[subscriptions]</c>: who is premium (protocol section 10).</summary>
internal sealed class SubscriptionsOptions
{
    public readonly AppleOptions Apple = new();
    public readonly GoogleOptions Google = new();

    public SubscriptionMode Mode = SubscriptionMode.Everyone;
}

/// <summary><c>[subscriptions.apple]</c>: purchases in Apple's App Store.</summary>
internal sealed class AppleOptions
{
    /// <summary>The app's bundle id. "": Apple's purchases are not taken.</summary>
    public string BundleId = "";

    /// <summary>The products that make premium; no other does. Needed with <see cref="BundleId"/>.</summary>
    public string[] ProductIds = [];

    /// <summary>The root certificate (PEM) that receipts must lead to. "": Apple Root CA - G3, pinned.</summary>
    public string RootCertificateFile = "";

    /// <summary>Whether purchases of Apple's sandbox count.</summary>
    public bool AllowSandbox;
}

/// <summary><c>[subscriptions.google]</c>: purchases in Google Play.</summary>
internal sealed class GoogleOptions
{
    /// <summary>The app's package name. "": Google's purchases are not taken.</summary>
    public string PackageName = "";

    /// <summary>The products that make premium. None: all of this app.</summary>
    public string[] ProductIds = [];

    /// <summary>The JSON file of a Google service account that may read purchases. "": none.</summary>
    public string CredentialsFile = "";

    /// <summary>The URL of the Play Developer API.</summary>
    public string Endpoint = "https://androidpublisher.googleapis.com";

    /// <summary>The <c>?token=</c> that Google's push messages must carry. "": none.</summary>
    public string NotificationToken = "";

    /// <summary>The file that <see cref="NotificationToken"/> was read from. "": none.</summary>
    public string NotificationTokenFile = "";
}
