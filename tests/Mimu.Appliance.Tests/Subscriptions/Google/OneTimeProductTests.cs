using Mimu.Core;
using Mimu.Core.Subscriptions;
using Mimu.PushStandIns;

namespace Mimu.Appliance.Tests.Subscriptions.Google;

/// <summary>Products that are bought once, and acknowledgements of both kinds.</summary>
public sealed class OneTimeProductTests : PlayStage
{
    private const string Lifetime = "premium_lifetime";

    [Fact]
    public async Task A_product_is_looked_up_when_it_is_no_subscription()
    {
        var buyer = Ids.NewUserId();
        Play.Buy(Token, Lifetime, 0, buyer.ToString());
        Assert.Equal(
            new StorePurchase(StorePlatform.Google, Token, Lifetime, PurchaseState.Active, null, false, buyer, Clock.GetUtcNow()) { NeedsAcknowledgement = true, IsSubscription = false },
            await FindAsync(product: Lifetime));
        Assert.Equal([$"GET subscriptionsv2/tokens/{Token}", $"GET products/{Lifetime}/tokens/{Token}"], Play.Calls);
    }

    [Theory]
    [InlineData(0, PurchaseState.Active, true)]
    [InlineData(1, PurchaseState.Revoked, false)]
    [InlineData(2, PurchaseState.Pending, false)]
    [InlineData(3, PurchaseState.Pending, false)]
    public async Task Each_state_has_its_meaning(int number, PurchaseState state, bool needsAcknowledgement)
    {
        Play.Buy(Token, Lifetime, number);
        var purchase = await FindAsync(product: Lifetime);
        Assert.Equal((state, needsAcknowledgement, null), (purchase.State, purchase.NeedsAcknowledgement, purchase.ExpiresAt));
    }

    [Fact]
    public async Task Without_the_product_it_is_not_found()
    {
        Play.Buy(Token, Lifetime, 0);
        Assert.Equal("Google Play answers 404 purchaseTokenNotFound", (await RefusedAsync()).Reason);
        Assert.Equal("Google Play answers 400 invalid", (await RefusedAsync(product: "premium_other")).Reason);
        Assert.Equal(3, Play.Calls.Count);
        // One that does not make premium is not asked for.
        Assert.Equal("Google Play answers 404 purchaseTokenNotFound", (await RefusedAsync(product: Lifetime, store: Open(products: [Monthly]))).Reason);
        Assert.Equal(4, Play.Calls.Count);
        Assert.Equal(Lifetime, (await FindAsync(product: Lifetime, store: Open(products: [Monthly, Lifetime]))).ProductId);
    }

    [Fact]
    public async Task A_purchase_of_another_product_is_refused()
    {
        Play.Buy(Token, Lifetime, 0)["productId"] = "stickers";
        Assert.Equal("It is a purchase of another product", (await RefusedAsync(product: Lifetime)).Reason);
        Play.Buy(Token, Lifetime, 0)["productId"] = Lifetime;
        await FindAsync(product: Lifetime);
        Play.Buy(Token, Lifetime, 0).Remove("purchaseState");
        await UnavailableAsync(product: Lifetime);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_purchase_is_acknowledged_once_and_may_be_again(bool isSubscription)
    {
        var product = isSubscription ? Monthly : Lifetime;
        _ = isSubscription ? Play.Subscribe(Token, "ACTIVE", product, NextMonth) : Play.Buy(Token, product, 0);
        var purchase = await FindAsync(product: product);
        Assert.True(purchase.NeedsAcknowledgement);
        Assert.True(await Store.AcknowledgeAsync(purchase, default));
        Assert.Equal($"POST {(isSubscription ? "subscriptions" : "products")}/{product}/tokens/{Token}:acknowledge", Play.Calls.Last());
        Assert.False((await FindAsync(product: product)).NeedsAcknowledgement);
        // Google refuses it, and says by the purchase that it is done.
        Assert.True(await Store.AcknowledgeAsync(purchase, default));
        Assert.Empty(Log);
    }

    [Theory]
    [InlineData(400, "invalid")]
    [InlineData(401, "permissionDenied")]
    [InlineData(409, "conflict")]
    [InlineData(410, "purchaseTokenNoLongerValid")]
    [InlineData(500, "backendError")]
    public async Task What_Google_does_not_take_is_not_done(int status, string reason)
    {
        Play.Subscribe(Token, "ACTIVE", Monthly, NextMonth);
        var purchase = await FindAsync();
        Play.Answer = request => request.Method == "POST" ? GooglePlayStandIn.Error(status, reason) : null;
        Assert.False(await Store.AcknowledgeAsync(purchase, default));
        Assert.Contains($"could not be acknowledged; it will be tried again. Google Play answers {status} {reason}", Assert.Single(Log), StringComparison.Ordinal);
        Play.Answer = null;
        Assert.True(await Store.AcknowledgeAsync(purchase, default));
    }

    [Fact]
    public async Task What_is_not_paid_for_is_not_acknowledged()
    {
        Play.Subscribe(Token, "PENDING", Monthly, null);
        Assert.False(await Store.AcknowledgeAsync(await FindAsync(), default));
        var purchase = new StorePurchase(StorePlatform.Google, Token, Monthly, PurchaseState.Active, NextMonth, true, null, Clock.GetUtcNow());
        Assert.False(await Store.AcknowledgeAsync(purchase with { Platform = StorePlatform.Apple }, default));
        Assert.False(await Store.AcknowledgeAsync(purchase with { PurchaseId = "../x" }, default));
        Assert.False(await Store.AcknowledgeAsync(purchase with { ProductId = "a/b" }, default));
        Assert.DoesNotContain(Play.Calls, call => call.StartsWith("POST", StringComparison.Ordinal));
    }
}
