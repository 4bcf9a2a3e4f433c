using System.Buffers.Text;
using System.Net;
using System.Net.Sockets;
using Mimu.Core.Push;
using Mimu.PushStandIns;

namespace Mimu.Appliance.Tests.Push;

/// <summary>What tests of senders say again and again.</summary>
internal static class PushStage
{
    public const string Token = "bk3RNwTe3H0:CI2k_HHwgIpoDKCIZvvDMExUdFQ3P1";
    public const string DeviceToken = "00fc13adff785122b4ad28809a3420982341241421348097878e577c991de8f0";
    public const string VoipToken = "aa11bb22cc33";

    public static readonly TimeSpan Ttl = TimeSpan.FromDays(7);

    /// <summary>Soon enough for a test, late enough for a machine that is busy.</summary>
    public static readonly TimeSpan Impatience = TimeSpan.FromMilliseconds(400);

    public static PushTarget Fcm { get; } = new(PushPlatform.Fcm, Token, null, false, null, null);

    public static PushTarget Apns { get; } = new(PushPlatform.Apns, DeviceToken, null, false, null, null);

    public static PushTarget To(StandInSubscription subscription) => new(
        PushPlatform.WebPush, subscription.Endpoint, null, false, Base64Url.DecodeFromChars(subscription.P256dh), Base64Url.DecodeFromChars(subscription.Auth));

    /// <summary>A port of this machine that nobody listens on.</summary>
    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    /// <summary>Sends a push that waits.</summary>
    public static Task<PushOutcome> FetchAsync(this IPushSender sender, PushTarget target) =>
        Stage.Deadline.For("what became of a push", sender.SendAsync(target, PushKind.Fetch, Ttl, default));

    /// <summary>That an outcome is so, and tells no secrets.</summary>
    public static void Expect(this PushOutcome outcome, PushResult result, string detail, TimeSpan? retryAfter = null)
    {
        Assert.Equal(result, outcome.Result);
        Assert.Contains(detail, outcome.Detail, StringComparison.Ordinal);
        Assert.Equal(retryAfter, outcome.RetryAfter);
        foreach (var secret in (string[])[Token, DeviceToken, VoipToken, "/push/", "/v1/", "/3/device", "ya29"])
        {
            Assert.DoesNotContain(secret, outcome.Detail, StringComparison.Ordinal);
        }
    }
}
