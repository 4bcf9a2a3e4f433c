using System.Buffers.Text;
using Mimu.Core.Push;
using Xunit;

namespace Mimu.Core.Tests.Push;

public sealed class WebPushSubscriptionTests
{
    private const string Point = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4";
    private const string NoUrl = "must be an https:// URL";
    private const string NoExtras = "must have neither user nor fragment";
    private const string Inside = "must be on the Internet";

    [Theory]
    [InlineData("https://fcm.googleapis.com/fcm/send/abc:APA91b", null)]
    [InlineData("https://updates.push.services.mozilla.com/wpush/v2/gAAAA?x=1", null)]
    [InlineData("https://push.example.org:443/x", null)]
    [InlineData("https://8.8.8.8/x", null)]
    [InlineData("https://[2606:4700:4700::1111]/x", null)]
    [InlineData("", NoUrl)]
    [InlineData("/x", NoUrl)]
    [InlineData("https:push.example.org/x", NoUrl)]
    [InlineData("https:///x", NoUrl)]
    [InlineData("http://push.example.org/x", NoUrl)]
    [InlineData("file:///etc/passwd", NoUrl)]
    [InlineData("https://push.example.org/a b", NoUrl)]
    [InlineData("https://push.example.org/a\r\nX: y", NoUrl)]
    [InlineData("https://push.example.org\\@127.0.0.1/x", NoUrl)]
    [InlineData("https://püsh.example.org/x", NoUrl)]
    [InlineData("https://user@push.example.org/x", NoExtras)]
    [InlineData("https://@push.example.org/x", NoExtras)]
    [InlineData("https://push.example.org@127.0.0.1/x", NoExtras)]
    [InlineData("https://push.example.org/x#y", NoExtras)]
    [InlineData("https://push.example.org/x#", NoExtras)]
    [InlineData("https://push.example.org/@x", null)]
    [InlineData("https://push.example.org:8443/x", "must have port 443")]
    [InlineData("https://127.0.0.1/x", Inside)]
    [InlineData("https://0x7f.1/x", Inside)]
    [InlineData("https://2130706433/x", Inside)]
    [InlineData("https://[::1]/x", Inside)]
    [InlineData("https://[::ffff:10.0.0.1]/x", Inside)]
    [InlineData("https://169.254.169.254/latest/meta-data", Inside)]
    public void An_endpoint_is_a_URL_of_the_Internet(string endpoint, string? fault) => Assert.Equal(fault, WebPushSubscription.CheckEndpoint(endpoint, allowPrivate: false));

    [Theory]
    [InlineData("http://192.168.1.5:8080/x", null)]
    [InlineData("https://ntfy.lan:8443/x", null)]
    [InlineData("ftp://ntfy.lan/x", NoUrl)]
    [InlineData("http://user:pass@ntfy.lan/x", NoExtras)]
    public void Private_ones_may_be_allowed(string endpoint, string? fault) => Assert.Equal(fault, WebPushSubscription.CheckEndpoint(endpoint, allowPrivate: true));

    [Fact]
    public void An_endpoint_has_at_most_1000_bytes()
    {
        var longest = "https://push.example.org/".PadRight(1000, 'a');
        Assert.Null(WebPushSubscription.CheckEndpoint(longest, allowPrivate: false));
        Assert.Equal("must be at most 1000 bytes", WebPushSubscription.CheckEndpoint(longest + "a", allowPrivate: false));
    }

    [Theory]
    [InlineData(Point, true)]
    [InlineData(Point + "=", true)]
    [InlineData(Point + "==", false)]
    [InlineData("", false)]
    [InlineData(" " + Point, false)]
    [InlineData("BTBZMqHH6r4Tts7J_aSIgg", false)]
    public void A_public_key_is_65_bytes_of_base64url(string text, bool isGood) => Assert.Equal(isGood, WebPushSubscription.ReadP256dh(text) is { Length: 65 });

    [Fact]
    public void A_public_key_is_a_point_of_the_curve()
    {
        var bytes = Base64Url.DecodeFromChars(Point);
        bytes[64] ^= 1;
        Assert.Null(WebPushSubscription.ReadP256dh(Base64Url.EncodeToString(bytes)));
        bytes[64] ^= 1;
        Assert.Equal(bytes, WebPushSubscription.ReadP256dh(Base64Url.EncodeToString(bytes)));
        bytes[0] = 2;
        Assert.Null(WebPushSubscription.ReadP256dh(Base64Url.EncodeToString(bytes)));
        var origin = new byte[65];
        origin[0] = 4;
        Assert.Null(WebPushSubscription.ReadP256dh(Base64Url.EncodeToString(origin)));
    }

    [Theory]
    [InlineData("BTBZMqHH6r4Tts7J_aSIgg", true)]
    [InlineData("BTBZMqHH6r4Tts7J_aSIgg==", true)]
    [InlineData("BTBZMqHH6r4Tts7J/aSIgg", false)]
    [InlineData("BTBZMqHH6r4Tts7J_aSI", false)]
    [InlineData("BTBZMqHH6r4Tts7J_aSIgggg", false)]
    [InlineData("", false)]
    public void A_secret_is_16_bytes_of_base64url(string text, bool isGood) => Assert.Equal(isGood, WebPushSubscription.ReadAuth(text) is { Length: 16 });

    [Theory]
    [InlineData("00fc13adff785122b4ad28809a3420982341241421348097878e577c991de8f0", true)]
    [InlineData("AB", true)]
    [InlineData("abc", false)]
    [InlineData("", false)]
    [InlineData("../../x1", false)]
    public void Apple_s_tokens_are_hex(string token, bool isGood) => Assert.Equal(isGood, DeviceTokens.IsApns(token));

    [Theory]
    [InlineData("bk3RNwTe3H0:CI2k_HHwgIpoDKCIZvvDMExUdFQ3P1", true)]
    [InlineData("a b", false)]
    [InlineData("", false)]
    public void Google_s_tokens_are_text(string token, bool isGood)
    {
        Assert.Equal(isGood, DeviceTokens.IsFcm(token));
        Assert.False(DeviceTokens.IsFcm(new string('a', 1001)));
        Assert.False(DeviceTokens.IsApns(new string('a', 1002)));
    }
}
