using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Mimu.Core.Subscriptions;
using Xunit;

namespace Mimu.Core.Tests.Subscriptions;

public sealed class GoogleNotificationTests
{
    private const string Token = "hmpicafdjkgkbnhcglbhpfgc.AO-J1OzrpSXUDzPzK_Q-2bLcqbWtLcYmZx";

    [Fact]
    public void A_subscription_s_change_is_read()
    {
        var notification = Read("""{"version":"1.0","packageName":"org.example.mimu","eventTimeMillis":"1503349566168","subscriptionNotification":{"version":"1.0","notificationType":4,"purchaseToken":"TOKEN","subscriptionId":"premium.monthly"}}""");
        Assert.Equal(new GoogleNotification("136969346945", "org.example.mimu", GoogleSubject.Subscription) { PurchaseToken = Token, ProductId = "premium.monthly", IsSubscription = true }, notification);
    }

    [Theory]
    [InlineData("""{"subscriptionNotification":{"notificationType":99,"purchaseToken":"TOKEN"}}""", GoogleSubject.Subscription, null, true)]
    [InlineData("""{"oneTimeProductNotification":{"version":"1.0","notificationType":1,"purchaseToken":"TOKEN","sku":"premium_lifetime"}}""", GoogleSubject.OneTimeProduct, "premium_lifetime", false)]
    [InlineData("""{"voidedPurchaseNotification":{"purchaseToken":"TOKEN","orderId":"GS.0000","productType":1,"refundType":1}}""", GoogleSubject.Voided, null, true)]
    [InlineData("""{"voidedPurchaseNotification":{"purchaseToken":"TOKEN","orderId":"GS.0000","productType":2,"refundType":2}}""", GoogleSubject.Voided, null, false)]
    [InlineData("""{"voidedPurchaseNotification":{"purchaseToken":"TOKEN","productType":"1"}}""", GoogleSubject.Voided, null, false)]
    public void Each_kind_names_its_purchase(string content, GoogleSubject subject, string? product, bool isSubscription) =>
        Assert.Equal(new GoogleNotification("136969346945", "a.b", subject) { PurchaseToken = Token, ProductId = product, IsSubscription = isSubscription }, Read(WithPackage(content)));

    [Theory]
    [InlineData("""{"testNotification":{"version":"1.0"}}""", GoogleSubject.Test)]
    [InlineData("""{"pendingRefundReviewNotification":{"purchaseToken":"TOKEN"}}""", GoogleSubject.Other)]
    [InlineData("""{"subscriptionNotification":null}""", GoogleSubject.Other)]
    [InlineData("{}", GoogleSubject.Other)]
    public void What_is_not_about_a_purchase_names_none(string content, GoogleSubject subject) =>
        Assert.Equal(new GoogleNotification("136969346945", "a.b", subject), Read(WithPackage(content)));

    [Theory]
    [InlineData("")]
    [InlineData("nonsense")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("""{"message":[]}""")]
    [InlineData("""{"message":{"data":"e30="}}""")]
    [InlineData("""{"message":{"messageId":"","data":"e30="}}""")]
    [InlineData("""{"message":{"messageId":7,"data":"e30="}}""")]
    [InlineData("""{"message":{"messageId":"1"}}""")]
    [InlineData("""{"message":{"messageId":"1","data":7}}""")]
    [InlineData("""{"message":{"messageId":"1","data":"%%%"}}""")]
    [InlineData("""{"message":{"messageId":"1","data":""}}""")]
    [InlineData("""{"message":{"messageId":"1","data":"e30="}}""")]
    [InlineData("""{"message":{"messageId":"\ud800","data":"e30="}}""")]
    public void What_is_no_push_message_is_told(string body) => Assert.Equal(Errors.MalformedRequest.Code, GoogleNotification.Read(Encoding.UTF8.GetBytes(body)).Error?.Code);

    [Theory]
    [InlineData("[]")]
    [InlineData("nonsense")]
    [InlineData("""{"packageName":""}""")]
    [InlineData("""{"packageName":"a.b","subscriptionNotification":{}}""")]
    [InlineData("""{"packageName":"a.b","subscriptionNotification":{"purchaseToken":7}}""")]
    [InlineData("""{"packageName":"a.b","subscriptionNotification":{"purchaseToken":"../x"}}""")]
    [InlineData("""{"packageName":"a.b","subscriptionNotification":{"purchaseToken":"TOKEN","subscriptionId":"a/b"}}""")]
    [InlineData("""{"packageName":"a.b","oneTimeProductNotification":{"purchaseToken":"TOKEN","sku":"a b"}}""")]
    [InlineData("""{"packageName":"a.b","voidedPurchaseNotification":{"purchaseToken":"\ud800"}}""")]
    public void Data_that_is_no_notification_is_told_without_a_word_of_it(string content)
    {
        var error = GoogleNotification.Read(Envelope(content)).Error;
        Assert.Equal(Errors.MalformedRequest.Code, error?.Code);
        Assert.DoesNotContain(Token, error!.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void Either_spelling_of_the_id_will_do()
    {
        var body = Encoding.UTF8.GetString(Envelope("""{"packageName":"a.b"}""")).Replace("messageId", "message_id", StringComparison.Ordinal);
        Assert.Equal("136969346945", GoogleNotification.Read(Encoding.UTF8.GetBytes(body)).Value.MessageId);
        Assert.False(GoogleNotification.Read(Encoding.UTF8.GetBytes(body.Replace("136969346945", new string('1', 129), StringComparison.Ordinal))).IsOk);
    }

    [Fact]
    public void Its_text_does_not_name_the_purchase() =>
        Assert.Equal("Subscription 136969346945", Read(WithPackage("""{"subscriptionNotification":{"purchaseToken":"TOKEN"}}""")).ToString());

    /// <summary>Bytes of a sound one changed by chance, in the envelope and in the data: whatever comes out is an answer.</summary>
    [Fact]
    public void Damage_is_told_or_does_not_matter()
    {
        var content = Encoding.UTF8.GetBytes(WithPackage($$$"""{"subscriptionNotification":{"purchaseToken":"{{{Token}}}","subscriptionId":"a"}}"""));
        var (sound, told) = (0, 0);
        for (var i = 0; i < 20_000; i++)
        {
            var inside = (byte[])content.Clone();
            if (i % 2 == 0)
            {
                Damage(inside);
            }
            var body = Envelope(inside);
            if (i % 2 == 1)
            {
                Damage(body);
            }
            var result = GoogleNotification.Read(body);
            if (result.IsOk)
            {
                sound++;
                Assert.True(result.Value.PurchaseToken is null ? result.Value.Subject is GoogleSubject.Other : PlayNames.IsToken(result.Value.PurchaseToken));
            }
            else
            {
                told++;
            }
        }
        Assert.True(sound > 100 && told > 100, $"{sound} sound, {told} told");

        static void Damage(byte[] bytes)
        {
            for (var count = RandomNumberGenerator.GetInt32(1, 4); count > 0; count--)
            {
                bytes[RandomNumberGenerator.GetInt32(bytes.Length)] = (byte)RandomNumberGenerator.GetInt32(256);
            }
        }
    }

    [Fact]
    public void Noise_is_no_notification()
    {
        for (var i = 0; i < 2_000; i++)
        {
            Assert.False(GoogleNotification.Read(RandomNumberGenerator.GetBytes(i % 64)).IsOk);
        }
    }

    [Theory]
    [InlineData("secret", "secret", true)]
    [InlineData("Secret", "secret", false)]
    [InlineData("secret ", "secret", false)]
    [InlineData("secre", "secret", false)]
    [InlineData("", "secret", false)]
    [InlineData(null, "secret", false)]
    [InlineData("", "", false)]
    [InlineData(null, "", false)]
    [InlineData("ä", "ä", true)]
    public void Only_the_secret_itself_is_taken(string? shown, string secret, bool isShown) => Assert.Equal(isShown, SharedToken.IsShown(shown, secret));

    [Theory]
    [InlineData("a", true)]
    [InlineData("0-_.", true)]
    [InlineData(Token, true)]
    [InlineData(".", false)]
    [InlineData("..", false)]
    [InlineData("_a", false)]
    [InlineData("a/b", false)]
    [InlineData("a:b", false)]
    [InlineData("a\0", false)]
    [InlineData("", false)]
    [InlineData(null, false)]
    public void Names_have_an_alphabet(string? text, bool isName) => Assert.Equal((isName, isName), (PlayNames.IsToken(text), PlayNames.IsProduct(text)));

    [Fact]
    public void Names_have_a_length()
    {
        Assert.Equal((true, false), (PlayNames.IsToken(new string('a', 1024)), PlayNames.IsToken(new string('a', 1025))));
        Assert.Equal((true, false), (PlayNames.IsProduct(new string('a', 150)), PlayNames.IsProduct(new string('a', 151))));
    }

    private static GoogleNotification Read(string content) => GoogleNotification.Read(Envelope(content)).Value;

    private static string WithPackage(string content)
    {
        var json = JsonNode.Parse(content)!.AsObject();
        json["packageName"] = "a.b";
        return json.ToJsonString();
    }

    private static byte[] Envelope(string content) => Envelope(Encoding.UTF8.GetBytes(content.Replace("TOKEN", Token, StringComparison.Ordinal)));

    private static byte[] Envelope(byte[] content) => Encoding.UTF8.GetBytes(
        $$"""{"message":{"attributes":{"key":"value"},"data":"{{Convert.ToBase64String(content)}}","messageId":"136969346945"},"subscription":"projects/myproject/subscriptions/mysubscription"}""");
}
