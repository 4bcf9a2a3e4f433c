using Mimu.Core.Subscriptions;
using Mimu.Core.Subscriptions.Apple;
using Xunit;

namespace Mimu.Core.Tests.Subscriptions.Apple;

/// <summary>What a signed transaction says.</summary>
public sealed class AppleTransactionsTests : AppleWorld
{
    [Fact]
    public void A_running_subscription_is_a_purchase()
    {
        var expected = new StorePurchase(
            StorePlatform.Apple, "2000000000000001", "premium.monthly", PurchaseState.Active, Later, IsAutoRenewing: true, new UserId(Guid.Parse(Account)), Now.AddMinutes(-1))
        {
            PeriodStart = AppleAuthority.At("2026-11-20T10:00:00Z"),
            IsSubscription = true,
        };
        Assert.Equal(expected, Accepted());
    }

    [Theory]
    [InlineData("org.example.other")]
    [InlineData("org.example.App")]
    [InlineData("org.example.app ")]
    [InlineData("")]
    [InlineData(null)]
    public void Another_apps_purchases_do_not_count(string? bundleId) => Assert.Equal(AppleRefusal.OtherBundle, Refused(("bundleId", bundleId)));

    [Fact]
    public void Without_a_bundle_id_nothing_counts() =>
        Assert.Equal(AppleRefusal.OtherBundle, Refused(Verify(Authority.Sign(Transaction(("bundleId", ""))), App with { BundleId = "" })));

    [Fact]
    public void Products_that_are_not_named_do_not_count()
    {
        Assert.Equal("premium.yearly", Accepted(("productId", "premium.yearly")).ProductId);
        Assert.Equal(AppleRefusal.OtherProduct, Refused(("productId", "premium.weekly")));
        Assert.Equal(AppleRefusal.OtherProduct, Refused(("productId", "Premium.monthly")));
        Assert.Equal(AppleRefusal.OtherProduct, Refused(Verify(Authority.Sign(Transaction()), App with { ProductIds = [] })));
    }

    [Fact]
    public void The_sandbox_counts_where_it_may()
    {
        var jws = Authority.Sign(Transaction(("environment", "Sandbox")));
        Assert.Equal(AppleRefusal.Sandbox, Refused(Verify(jws)));
        Accepted(Verify(jws, App with { AllowSandbox = true }));
        Accepted(Verify(Authority.Sign(Transaction()), App with { AllowSandbox = true }));
    }

    [Theory]
    [InlineData("Xcode")]
    [InlineData("LocalTesting")]
    [InlineData("production")]
    [InlineData("Elsewhere")]
    [InlineData("")]
    [InlineData(null)]
    public void Other_environments_never_count(string? environment)
    {
        var jws = Authority.Sign(Transaction(("environment", environment)));
        Assert.Equal(AppleRefusal.OtherEnvironment, Refused(Verify(jws)));
        Assert.Equal(AppleRefusal.OtherEnvironment, Refused(Verify(jws, App with { AllowSandbox = true })));
    }

    [Fact]
    public void What_Xcode_signs_by_itself_is_refused_whatever_it_says()
    {
        // One certificate, of its own: Apple's libraries do not look at its signature at all.
        using var xcode = new AppleAuthority();
        Assert.Equal(AppleRefusal.OtherCertificateCount, Refused(Verify(xcode.Sign(Transaction(("environment", "Xcode")), [xcode.Leaf]), App with { AllowSandbox = true })));
    }

    [Fact]
    public void A_period_that_is_over_is_expired()
    {
        var purchase = Accepted(("expiresDate", Earlier.ToUnixTimeMilliseconds()));
        Assert.Equal((PurchaseState.Expired, Earlier, false), (purchase.State, purchase.ExpiresAt, purchase.IsAutoRenewing));
        Assert.Equal(PurchaseState.Expired, Accepted(("expiresDate", Now.ToUnixTimeMilliseconds())).State);
        Assert.Equal(PurchaseState.Active, Accepted(("expiresDate", Now.ToUnixTimeMilliseconds() + 1)).State);
    }

    [Fact]
    public void What_was_taken_back_is_revoked()
    {
        var purchase = Accepted(("revocationDate", Earlier.ToUnixTimeMilliseconds()), ("revocationReason", 0));
        Assert.Equal((PurchaseState.Revoked, false), (purchase.State, purchase.IsAutoRenewing));
        Assert.Equal(PurchaseState.Revoked, Accepted(("revocationDate", 0)).State);
        Assert.Equal(PurchaseState.Revoked, Accepted(("revocationDate", 1), ("expiresDate", Earlier.ToUnixTimeMilliseconds())).State);
        Assert.Equal(AppleRefusal.PayloadUnreadable, Refused(("revocationDate", "soon")));
    }

    [Fact]
    public void What_was_replaced_by_a_better_one_is_revoked()
    {
        Assert.Equal(PurchaseState.Revoked, Accepted(("isUpgraded", true)).State);
        Assert.Equal(PurchaseState.Active, Accepted(("isUpgraded", false)).State);
        Assert.Equal(AppleRefusal.PayloadUnreadable, Refused(("isUpgraded", "yes")));
    }

    [Theory]
    [InlineData("Non-Consumable")]
    [InlineData("Non-Renewing Subscription")]
    public void What_has_no_end_is_for_good(string type)
    {
        var purchase = Accepted(("type", type), ("expiresDate", null));
        Assert.Equal((PurchaseState.Active, null, false, false), (purchase.State, purchase.ExpiresAt, purchase.IsAutoRenewing, purchase.IsSubscription));
        Assert.Equal(PurchaseState.Revoked, Accepted(("type", type), ("expiresDate", null), ("revocationDate", 1)).State);
        Assert.Equal(PurchaseState.Expired, Accepted(("type", type), ("expiresDate", Earlier.ToUnixTimeMilliseconds())).State);
    }

    [Theory]
    [InlineData("Consumable")]
    [InlineData("Something New")]
    [InlineData("")]
    [InlineData(null)]
    public void What_is_used_up_makes_nobody_premium(string? type) => Assert.Equal(AppleRefusal.OtherProductType, Refused(("type", type), ("expiresDate", null)));

    [Fact]
    public void A_subscription_has_an_end() => Assert.Equal(AppleRefusal.Incomplete, Refused(("expiresDate", null)));

    [Theory]
    [InlineData("originalTransactionId")]
    [InlineData("productId")]
    public void A_purchase_has_its_names(string name)
    {
        Assert.Equal(AppleRefusal.Incomplete, Refused((name, null)));
        Assert.Equal(AppleRefusal.Incomplete, Refused((name, "")));
        Assert.Equal(AppleRefusal.Incomplete, Refused((name, new string('1', 256))));
        Assert.Equal(AppleRefusal.PayloadUnreadable, Refused((name, 1)));
    }

    [Fact]
    public void The_account_is_the_one_that_the_app_named()
    {
        Assert.Null(Accepted(("appAccountToken", null)).BoughtFor);
        Assert.Equal(new UserId(Guid.Parse(Account)), Accepted(("appAccountToken", Account.ToUpperInvariant())).BoughtFor);
        foreach (var token in (string[])["", "1", $"{{{Account}}}", Account.Replace("-", "", StringComparison.Ordinal), $" {Account}", $"{Account}0"])
        {
            Assert.Equal(AppleRefusal.AccountTokenUnreadable, Refused(("appAccountToken", token)));
        }
        Assert.Equal(AppleRefusal.PayloadUnreadable, Refused(("appAccountToken", 1)));
    }

    [Fact]
    public void What_the_family_shares_is_a_purchase_of_its_own()
    {
        Assert.Equal(PurchaseState.Active, Accepted(("inAppOwnershipType", "FAMILY_SHARED"), ("appAccountToken", null)).State);
        Assert.Equal(PurchaseState.Revoked, Accepted(("inAppOwnershipType", "FAMILY_SHARED"), ("revocationDate", 1), ("revocationType", "FAMILY_REVOKE")).State);
    }

    [Fact]
    public void Nothing_that_names_a_purchase_gets_into_a_log() =>
        Assert.DoesNotContain("2000000000000001", Accepted().ToString(), StringComparison.Ordinal);
}
