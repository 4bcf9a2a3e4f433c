using System.Text.Json.Nodes;
using Mimu.Core;
using Mimu.Core.Subscriptions;
using Mimu.PushStandIns;

namespace Mimu.Appliance.Tests.Subscriptions.Google;

/// <summary>What is read in Google's answers about subscriptions.</summary>
public sealed class SubscriptionStateTests : PlayStage
{
    [Fact]
    public async Task A_subscription_is_told_in_full()
    {
        var buyer = Ids.NewUserId();
        Play.Subscribe(Token, "ACTIVE", Monthly, NextMonth, buyer.ToString());
        var purchase = await FindAsync();
        Assert.Equal(new StorePurchase(StorePlatform.Google, Token, Monthly, PurchaseState.Active, NextMonth, true, buyer, Clock.GetUtcNow()) { NeedsAcknowledgement = true }, purchase);
        Assert.Equal([$"GET subscriptionsv2/tokens/{Token}"], Play.Calls);
    }

    [Theory]
    [InlineData("ACTIVE", PurchaseState.Active, true, true)]
    [InlineData("IN_GRACE_PERIOD", PurchaseState.Grace, true, true)]
    [InlineData("CANCELED", PurchaseState.Active, false, true)]
    [InlineData("EXPIRED", PurchaseState.Expired, false, false)]
    [InlineData("PENDING", PurchaseState.Pending, true, false)]
    [InlineData("PAUSED", PurchaseState.Pending, true, false)]
    [InlineData("ON_HOLD", PurchaseState.Pending, true, false)]
    [InlineData("PENDING_PURCHASE_CANCELED", PurchaseState.Expired, false, false)]
    [InlineData("UNSPECIFIED", PurchaseState.Pending, true, false)]
    [InlineData("INVENTED_LATER", PurchaseState.Pending, true, false)]
    public async Task Each_state_has_its_meaning(string word, PurchaseState state, bool renews, bool needsAcknowledgement)
    {
        Play.Subscribe(Token, word, Monthly, NextMonth);
        var purchase = await FindAsync();
        Assert.Equal((state, renews, needsAcknowledgement, NextMonth), (purchase.State, purchase.IsAutoRenewing, purchase.NeedsAcknowledgement, purchase.ExpiresAt));
    }

    [Theory]
    [InlineData(1, PurchaseState.Active)]
    [InlineData(0, PurchaseState.Expired)]
    [InlineData(-1, PurchaseState.Expired)]
    public async Task What_is_cancelled_is_good_until_its_end(int seconds, PurchaseState state)
    {
        Play.Subscribe(Token, "CANCELED", Monthly, Clock.GetUtcNow().AddSeconds(seconds));
        var purchase = await FindAsync();
        Assert.Equal((state, false), (purchase.State, purchase.IsAutoRenewing));
        Assert.Equal(state is PurchaseState.Active, purchase.NeedsAcknowledgement);
    }

    [Theory]
    [InlineData("subscriptionState")]
    [InlineData("acknowledgementState")]
    [InlineData("externalAccountIdentifiers")]
    public async Task What_is_not_told_grants_nothing(string member)
    {
        Play.Subscribe(Token, "ACTIVE", Monthly, NextMonth, Ids.NewUserId().ToString()).Remove(member);
        var purchase = await FindAsync();
        Assert.Equal((member is "subscriptionState" ? PurchaseState.Pending : PurchaseState.Active, member is "externalAccountIdentifiers", member is "externalAccountIdentifiers"),
            (purchase.State, purchase.NeedsAcknowledgement, purchase.BoughtFor is null));
    }

    [Theory]
    [InlineData("ACTIVE")]
    [InlineData("CANCELED")]
    [InlineData("IN_GRACE_PERIOD")]
    public async Task Without_an_end_nothing_is_granted_for_good(string state)
    {
        Play.Subscribe(Token, state, Monthly, null);
        Assert.Equal("Google Play answers 200 with what is not understood", (await UnavailableAsync()).Reason);
        Play.Subscribe(Token, state, Monthly, NextMonth)["lineItems"]![0]!["expiryTime"] = "some day";
        await UnavailableAsync();
        Play.Subscribe(Token, "PENDING", Monthly, null);
        Assert.Equal((PurchaseState.Pending, null), ((await FindAsync()).State, (await FindAsync()).ExpiresAt));
    }

    [Fact]
    public async Task Of_several_items_the_one_that_ends_last_counts()
    {
        Play.Subscribe(Token, "ACTIVE", Monthly, NextMonth)["lineItems"] = new JsonArray(
            GooglePlayStandIn.LineItem("premium.a", NextMonth),
            GooglePlayStandIn.LineItem("premium.b", NextMonth.AddDays(3), renews: false),
            GooglePlayStandIn.LineItem("stickers", NextMonth.AddDays(9)),
            GooglePlayStandIn.LineItem("premium.a", null),
            JsonValue.Create(5), new JsonObject { ["productId"] = 7 }, new JsonObject { ["productId"] = "../x" });
        var purchase = await FindAsync(store: Open(products: ["premium.a", "premium.b"]));
        Assert.Equal(("premium.b", NextMonth.AddDays(3), false), (purchase.ProductId, purchase.ExpiresAt, purchase.IsAutoRenewing));
        // Without a list each of the app's products counts.
        Assert.Equal("stickers", (await FindAsync()).ProductId);
        Assert.Equal("It is a subscription to a product that is not in subscriptions.google.product_ids", (await RefusedAsync(store: Open(products: ["gold"]))).Reason);
    }

    [Fact]
    public async Task A_wrong_guess_at_the_product_does_no_harm()
    {
        Play.Subscribe(Token, "ACTIVE", Monthly, NextMonth);
        Assert.Equal(Monthly, (await FindAsync(product: "premium.yearly", store: Open(products: [Monthly]))).ProductId);
    }

    [Theory]
    [InlineData("0b6f1a52-6f0e-4c1b-9d53-0d6a4c1f2e3d", true)]
    [InlineData("0B6F1A52-6F0E-4C1B-9D53-0D6A4C1F2E3D", true)]
    [InlineData("0b6f1a526f0e4c1b9d530d6a4c1f2e3d", false)]
    [InlineData("ada", false)]
    [InlineData("", false)]
    public async Task A_buyer_is_an_account_or_nobody(string account, bool isOne)
    {
        Play.Subscribe(Token, "ACTIVE", Monthly, NextMonth, account);
        Assert.Equal(isOne ? new UserId(Guid.Parse(account)) : null, (await FindAsync()).BoughtFor);
    }

    [Theory]
    [InlineData("ACTIVE", "old.token", "old.token")]
    [InlineData("CANCELED", "old.token", "old.token")]
    [InlineData("EXPIRED", "old.token", "old.token")]
    [InlineData("PENDING", "old.token", null)]
    [InlineData("PENDING_PURCHASE_CANCELED", "old.token", null)]
    [InlineData("ACTIVE", Token, null)]
    [InlineData("ACTIVE", "old/token", null)]
    public async Task A_purchase_names_the_one_that_it_replaces_unless_that_stands(string state, string linked, string? replaces)
    {
        Play.Subscribe(Token, state, Monthly, NextMonth)["linkedPurchaseToken"] = linked;
        Assert.Equal(replaces, (await FindAsync()).Replaces);
    }

    [Fact]
    public async Task Testers_of_the_app_are_believed()
    {
        Play.Subscribe(Token, "ACTIVE", Monthly, NextMonth)["testPurchase"] = new JsonObject();
        Assert.Equal(PurchaseState.Active, (await FindAsync()).State);
    }

    [Fact]
    public async Task It_is_known_when_Google_was_asked()
    {
        Play.Subscribe(Token, "ACTIVE", Monthly, NextMonth);
        Clock.Advance(TimeSpan.FromHours(3));
        Assert.Equal(Clock.GetUtcNow(), (await FindAsync()).AsOf);
    }

    [Fact]
    public async Task A_purchase_s_text_does_not_name_it()
    {
        Play.Subscribe(Token, "ACTIVE", Monthly, NextMonth);
        Assert.DoesNotContain(Token, (await LookUpAsync()).ToString(), StringComparison.Ordinal);
    }
}
