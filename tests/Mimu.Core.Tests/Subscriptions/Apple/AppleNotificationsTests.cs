using System.Text.Json.Nodes;
using Mimu.Core.Subscriptions;
using Mimu.Core.Subscriptions.Apple;
using Xunit;

namespace Mimu.Core.Tests.Subscriptions.Apple;

/// <summary>What Apple tells by itself.</summary>
public sealed class AppleNotificationsTests : AppleWorld
{
    private const string Id = "3b1a7f56-7cdb-4b0c-8a8e-3a4bd9f2c001";

    /// <summary>When Apple stops to wait for the money.</summary>
    private static readonly DateTimeOffset _graceEnd = Now.AddDays(14);

    [Fact]
    public void A_renewal_is_told_with_the_purchase()
    {
        var notification = Accepted(Notify("DID_RENEW", Transaction(), Renewal(), ("subtype", "BILLING_RECOVERY")));
        Assert.Equal((Guid.Parse(Id), "DID_RENEW", "BILLING_RECOVERY", AppleEnvironment.Production), (notification.Id, notification.Type, notification.Subtype, notification.Environment));
        Assert.Equal(Now.AddSeconds(-30), notification.SignedAt);
        Assert.Equal(Accepted() with { AsOf = Now.AddSeconds(-30) }, notification.Purchase);
    }

    [Theory]
    [InlineData("DID_CHANGE_RENEWAL_STATUS", 0, false)]
    [InlineData("DID_CHANGE_RENEWAL_STATUS", 1, true)]
    [InlineData("SOMETHING_NEW", 0, false)]
    [InlineData("SUBSCRIBED", 1, true)]
    public void Whether_it_renews_is_told(string type, int status, bool isAutoRenewing)
    {
        var purchase = Purchase(type, Transaction(), Renewal(("autoRenewStatus", status)));
        Assert.Equal((PurchaseState.Active, Later, isAutoRenewing), (purchase.State, purchase.ExpiresAt, purchase.IsAutoRenewing));
    }

    [Fact]
    public void While_Apple_waits_for_the_money_it_is_in_grace()
    {
        var purchase = Purchase("DID_FAIL_TO_RENEW", Over(), InGrace());
        Assert.Equal((PurchaseState.Grace, _graceEnd, true), (purchase.State, purchase.ExpiresAt, purchase.IsAutoRenewing));
        // The first try is made before the period is over.
        Assert.Equal(PurchaseState.Grace, Purchase("DID_FAIL_TO_RENEW", Transaction(("expiresDate", Now.AddHours(5).ToUnixTimeMilliseconds())), InGrace()).State);
        // The status says so too.
        Assert.Equal(PurchaseState.Grace, Accepted(Notify("DID_FAIL_TO_RENEW", Over(), InGrace(("isInBillingRetryPeriod", null)), ("data.status", 4))).Purchase!.State);
    }

    [Fact]
    public void Without_grace_what_is_not_paid_is_over()
    {
        Assert.Equal(PurchaseState.Expired, Purchase("DID_FAIL_TO_RENEW", Over(), Renewal(("isInBillingRetryPeriod", true))).State);
        Assert.Equal(PurchaseState.Expired, Purchase("DID_FAIL_TO_RENEW", Over(), InGrace(("gracePeriodExpiresDate", Now.ToUnixTimeMilliseconds()))).State);
        Assert.Equal(PurchaseState.Expired, Purchase("DID_FAIL_TO_RENEW", Over(), InGrace(("isInBillingRetryPeriod", false))).State);
        Assert.Equal(PurchaseState.Expired, Purchase("DID_FAIL_TO_RENEW", Over(), renewal: null).State);
    }

    [Fact]
    public void Grace_shortens_nothing_and_undoes_nothing()
    {
        var paid = Purchase("DID_RENEW", Transaction(("expiresDate", _graceEnd.AddDays(1).ToUnixTimeMilliseconds())), InGrace());
        Assert.Equal((PurchaseState.Active, _graceEnd.AddDays(1)), (paid.State, paid.ExpiresAt));
        Assert.Equal(PurchaseState.Revoked, Purchase("DID_FAIL_TO_RENEW", Transaction(("revocationDate", 1)), InGrace()).State);
    }

    [Theory]
    [InlineData("EXPIRED")]
    [InlineData("GRACE_PERIOD_EXPIRED")]
    public void What_Apple_calls_over_is_over(string type)
    {
        var purchase = Purchase(type, Over(), InGrace(("autoRenewStatus", 0)));
        Assert.Equal((PurchaseState.Expired, Earlier, false), (purchase.State, purchase.ExpiresAt, purchase.IsAutoRenewing));
        // Also when this machine's clock is late.
        Assert.Equal(PurchaseState.Expired, Purchase(type, Transaction(), Renewal()).State);
        Assert.Equal(PurchaseState.Revoked, Purchase(type, Transaction(("revocationDate", 1)), Renewal()).State);
    }

    [Theory]
    [InlineData("REFUND")]
    [InlineData("REVOKE")]
    public void What_Apple_takes_back_is_revoked(string type)
    {
        var purchase = Purchase(type, Transaction(("revocationDate", Earlier.ToUnixTimeMilliseconds())), Renewal());
        Assert.Equal((PurchaseState.Revoked, false), (purchase.State, purchase.IsAutoRenewing));
        Assert.Equal(PurchaseState.Revoked, Purchase(type, Transaction(), Renewal()).State);
    }

    [Theory]
    [InlineData("REFUND_REVERSED")]
    [InlineData("REFUND_DECLINED")]
    [InlineData("CONSUMPTION_REQUEST")]
    [InlineData("PRICE_INCREASE")]
    [InlineData("ONE_TIME_CHARGE")]
    [InlineData("NEXT_YEARS_TYPE")]
    public void Otherwise_it_is_as_the_transaction_says(string type)
    {
        Assert.Equal(PurchaseState.Active, Purchase(type, Transaction(), Renewal()).State);
        Assert.Equal(PurchaseState.Expired, Purchase(type, Over(), Renewal()).State);
        Assert.Equal(PurchaseState.Revoked, Purchase(type, Transaction(("revocationDate", 1)), Renewal()).State);
        Assert.Equal(PurchaseState.Active, Purchase(type, Transaction(("type", "Non-Consumable"), ("expiresDate", null)), renewal: null).State);
    }

    [Fact]
    public void A_test_is_about_no_purchase()
    {
        Assert.Null(Accepted(Notify("TEST", transaction: null, renewal: null)).Purchase);
        Assert.Null(Accepted(Notify("TEST", Transaction(), Renewal())).Purchase);
    }

    [Fact]
    public void What_else_the_app_sells_is_no_forgery_and_no_purchase()
    {
        Assert.Null(Accepted(Notify("ONE_TIME_CHARGE", Transaction(("productId", "stickers")), renewal: null)).Purchase);
        Assert.Null(Accepted(Notify("CONSUMPTION_REQUEST", Transaction(("type", "Consumable"), ("expiresDate", null)), renewal: null)).Purchase);
    }

    [Theory]
    [InlineData("summary")]
    [InlineData("appData")]
    [InlineData("externalPurchaseToken")]
    public void Notifications_about_other_things_are_of_the_app_too(string body)
    {
        JsonObject Of(string bundleId, string environment) => new()
        {
            ["notificationType"] = "RENEWAL_EXTENSION",
            ["notificationUUID"] = Id,
            ["signedDate"] = Now.ToUnixTimeMilliseconds(),
            [body] = new JsonObject { ["bundleId"] = bundleId, ["environment"] = environment },
        };
        Assert.Null(Accepted(Notify(Of("org.example.app", "Production"))).Purchase);
        Assert.Equal(AppleRefusal.OtherBundle, Refused(Notify(Of("org.example.other", "Production"))));
        Assert.Equal(AppleRefusal.Sandbox, Refused(Notify(Of("org.example.app", "Sandbox"))));
        Assert.Equal(AppleRefusal.OtherEnvironment, Refused(Notify(Of("org.example.app", "Xcode"))));
    }

    [Fact]
    public void A_purchase_outside_of_the_store_tells_its_environment_by_its_id()
    {
        JsonObject Of(string id) => new()
        {
            ["notificationType"] = "EXTERNAL_PURCHASE_TOKEN",
            ["notificationUUID"] = Id,
            ["signedDate"] = Now.ToUnixTimeMilliseconds(),
            ["externalPurchaseToken"] = new JsonObject { ["bundleId"] = "org.example.app", ["externalPurchaseId"] = id },
        };
        Assert.Equal(AppleEnvironment.Production, Accepted(Notify(Of("b2158121-7af9-49d4-9561-1f588205523e"))).Environment);
        Assert.Equal(AppleRefusal.Sandbox, Refused(Notify(Of("SANDBOX_b2158121-7af9-49d4-9561-1f588205523e"))));
    }

    [Theory]
    [InlineData("bundleId", "org.example.other", AppleRefusal.OtherBundle)]
    [InlineData("bundleId", null, AppleRefusal.OtherBundle)]
    [InlineData("environment", "Sandbox", AppleRefusal.Sandbox)]
    [InlineData("environment", "Xcode", AppleRefusal.OtherEnvironment)]
    [InlineData("environment", "LocalTesting", AppleRefusal.OtherEnvironment)]
    [InlineData("environment", null, AppleRefusal.OtherEnvironment)]
    public void It_is_of_this_app_and_of_the_store(string name, string? value, AppleRefusal refusal)
    {
        Assert.Equal(refusal, Refused(Notify("DID_RENEW", Transaction(), Renewal(), ($"data.{name}", value))));
        Assert.Equal(refusal, Refused(Notify("DID_RENEW", Transaction((name, value)), Renewal())));
        Assert.Equal(refusal, Refused(Notify("TEST", null, null, ($"data.{name}", value))));
    }

    [Fact]
    public void The_sandbox_tells_of_the_sandbox_alone()
    {
        var app = App with { AllowSandbox = true };
        var sandbox = Authority.Sign(Notification("DID_RENEW", Transaction(("environment", "Sandbox")), Renewal(("environment", "Sandbox")), ("data.environment", "Sandbox")));
        Assert.Equal(AppleEnvironment.Sandbox, Accepted(AppleNotifications.Verify(sandbox, app, Now)).Environment);
        Assert.Equal(AppleRefusal.Sandbox, Refused(AppleNotifications.Verify(sandbox, App, Now)));
        foreach (var mixed in (JsonObject[])[
            Notification("DID_RENEW", Transaction(("environment", "Sandbox")), Renewal()),
            Notification("DID_RENEW", Transaction(), Renewal(("environment", "Sandbox"))),
            Notification("DID_RENEW", Transaction(), Renewal(), ("data.environment", "Sandbox"))])
        {
            Assert.Equal(AppleRefusal.PartsDisagree, Refused(AppleNotifications.Verify(Authority.Sign(mixed), app, Now)));
        }
    }

    [Fact]
    public void Renewal_and_transaction_are_of_one_purchase()
    {
        Assert.Equal(AppleRefusal.PartsDisagree, Refused(Notify("DID_RENEW", Transaction(), Renewal(("originalTransactionId", "2000000000000009")))));
        Assert.Equal(AppleRefusal.PartsDisagree, Refused(Notify("DID_RENEW", Transaction(), Renewal(("originalTransactionId", null)))));
    }

    [Fact]
    public void Each_part_is_signed_by_Apple()
    {
        using var forger = new AppleAuthority();
        var good = Notification("DID_RENEW", Transaction(), Renewal());
        Assert.Equal(AppleRefusal.NotToRoot, Refused(AppleNotifications.Verify(forger.Sign(good), App, Now)));
        Assert.Equal(AppleRefusal.SignatureWrong, Refused(AppleNotifications.Verify(forger.Sign(good, Authority.Certificates), App, Now)));
        Assert.Equal(AppleRefusal.NotToRoot, Refused(Notify(With(good, ("data", With(good["data"]!.DeepClone().AsObject(), ("signedTransactionInfo", forger.Sign(Transaction()))))))));
        good = Notification("DID_RENEW", Transaction(), Renewal());
        Assert.Equal(AppleRefusal.NotToRoot, Refused(Notify(With(good, ("data", With(good["data"]!.DeepClone().AsObject(), ("signedRenewalInfo", forger.Sign(Renewal()))))))));
        Assert.Equal(AppleRefusal.SignedInFuture, Refused(Notify("DID_RENEW", Transaction(), Renewal(), ("signedDate", Now.AddHours(1).ToUnixTimeMilliseconds()))));
        Assert.Equal(AppleRefusal.SignedInFuture, Refused(Notify("DID_RENEW", Transaction(), Renewal(("signedDate", Now.AddHours(1).ToUnixTimeMilliseconds())))));
    }

    [Fact]
    public void A_receipt_is_no_notification_nor_the_other_way_round()
    {
        Assert.Equal(AppleRefusal.Incomplete, Refused(Notify(Transaction())));
        Assert.Equal(AppleRefusal.OtherBundle, Refused(Verify(Authority.Sign(Notification("DID_RENEW", Transaction(), Renewal())))));
        Assert.Equal(AppleRefusal.OtherBundle, Refused(Verify(Authority.Sign(Renewal()))));
    }

    [Theory]
    [InlineData("notificationUUID", null)]
    [InlineData("notificationUUID", "")]
    [InlineData("notificationUUID", "1")]
    [InlineData("notificationType", null)]
    [InlineData("notificationType", "")]
    [InlineData("notificationType", "DID\nRENEW")]
    [InlineData("subtype", "a b")]
    [InlineData("data", null)]
    public void It_has_an_id_a_type_and_something_to_tell(string name, string? value) =>
        Assert.Equal(AppleRefusal.Incomplete, Refused(Notify("DID_RENEW", Transaction(), Renewal(), (name, value))));

    [Fact]
    public void Members_of_another_type_are_no_guesswork()
    {
        foreach (var name in (string[])["autoRenewStatus", "isInBillingRetryPeriod", "gracePeriodExpiresDate"])
        {
            Assert.Equal(AppleRefusal.PayloadUnreadable, Refused(Notify("DID_RENEW", Transaction(), Renewal((name, "x")))));
        }
        foreach (var name in (string[])["notificationUUID", "notificationType", "subtype", "data", "data.signedTransactionInfo", "data.signedRenewalInfo", "data.status"])
        {
            Assert.Equal(AppleRefusal.PayloadUnreadable, Refused(Notify("DID_RENEW", Transaction(), Renewal(), (name, new JsonArray()))));
        }
    }

    private static JsonObject Over() => Transaction(("expiresDate", Earlier.ToUnixTimeMilliseconds()));

    private static JsonObject Renewal(params (string Name, JsonNode? Value)[] changes) => With(new JsonObject
    {
        ["originalTransactionId"] = "2000000000000001",
        ["productId"] = "premium.monthly",
        ["autoRenewProductId"] = "premium.monthly",
        ["autoRenewStatus"] = 1,
        ["signedDate"] = Now.AddMinutes(-1).ToUnixTimeMilliseconds(),
        ["environment"] = "Production",
    }, changes);

    private static JsonObject InGrace(params (string Name, JsonNode? Value)[] changes) =>
        With(Renewal(("isInBillingRetryPeriod", true), ("gracePeriodExpiresDate", _graceEnd.ToUnixTimeMilliseconds())), changes);

    private JsonObject Notification(string type, JsonObject? transaction, JsonObject? renewal, params (string Name, JsonNode? Value)[] changes)
    {
        var data = With(new JsonObject
        {
            ["appAppleId"] = 1234,
            ["bundleId"] = "org.example.app",
            ["environment"] = "Production",
        }, ("signedTransactionInfo", transaction is null ? null : Authority.Sign(transaction)), ("signedRenewalInfo", renewal is null ? null : Authority.Sign(renewal)));
        With(data, [.. changes.Where(change => IsData(change.Name)).Select(change => (change.Name["data.".Length..], change.Value))]);
        return With(new JsonObject
        {
            ["notificationType"] = type,
            ["notificationUUID"] = Id,
            ["version"] = "2.0",
            ["signedDate"] = Now.AddSeconds(-30).ToUnixTimeMilliseconds(),
            ["data"] = data,
        }, [.. changes.Where(change => !IsData(change.Name))]);
    }

    private static bool IsData(string name) => name.StartsWith("data.", StringComparison.Ordinal);

    private AppleResult<AppleNotification> Notify(string type, JsonObject? transaction, JsonObject? renewal, params (string Name, JsonNode? Value)[] changes) =>
        Notify(Notification(type, transaction, renewal, changes));

    private AppleResult<AppleNotification> Notify(JsonObject notification) => AppleNotifications.Verify(Authority.Sign(notification), App, Now);

    private StorePurchase Purchase(string type, JsonObject transaction, JsonObject? renewal)
    {
        var purchase = Accepted(Notify(type, transaction, renewal)).Purchase;
        Assert.NotNull(purchase);
        return purchase;
    }
}
