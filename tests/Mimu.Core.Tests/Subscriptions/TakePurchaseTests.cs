using Mimu.Core.Accounts;
using Mimu.Core.Events;
using Mimu.Core.Subscriptions;
using Mimu.Specification;
using Xunit;

namespace Mimu.Core.Tests.Subscriptions;

/// <summary>Whose a purchase is, what it makes of an account, and who is told (protocol 10).</summary>
public sealed class TakePurchaseTests
{
    private static readonly PurchaseSource _source = new(PurchaseSource.Purchase, "the receipt");

    private readonly World _world = new();

    private DateTimeOffset Now => _world.Clock.Now();

    private TakePurchase Take => new(_world.Database, News(SubscriptionMode.Stores), _world.Clock);

    [Fact]
    public async Task A_purchase_makes_premium_and_is_told_once()
    {
        var alice = await _world.AddAsync("alice");
        var told = Listen(alice);
        var status = (await TakeAsync(alice, Purchase("1"))).Value;
        Assert.Equal((true, SubscriptionState.Active, StorePlatform.Apple, "plus", Now.AddDays(30), true),
            (status.IsActive, status.State, status.Platform, status.ProductId, status.ExpiresAt, status.IsAutoRenewing));
        Assert.Equal(status, (await TakeAsync(alice, Purchase("1"))).Value);
        Assert.Equal(status, Assert.IsType<SubscriptionChanged>(Assert.Single(told.Told).Event).Status);
        Assert.Single(_world.Memory.State.Purchases);
    }

    [Fact]
    public async Task Twenty_at_once_are_one_purchase_and_of_two_accounts_one_has_it()
    {
        var (alice, bob) = (await _world.AddAsync("alice"), await _world.AddAsync("bob"));
        var results = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => TakeAsync(i % 2 == 0 ? alice : bob, Purchase("1"))));
        var owner = Assert.Single(_world.Memory.State.Purchases.Values).Owner;
        for (var i = 0; i < results.Length; i++)
        {
            var isOwners = (i % 2 == 0 ? alice : bob).UserId == owner;
            Assert.Equal(isOwners ? null : "receipt_in_use", results[i].Error?.Code);
        }
        Assert.Equal(20, _world.Memory.State.SubscriptionLog.Count);
    }

    [Fact]
    public async Task A_purchase_for_another_account_is_refused_and_noted_and_moves_when_that_account_is_gone()
    {
        var (alice, bob) = (await _world.AddAsync("alice"), await _world.AddAsync("bob"));
        var purchase = Purchase("1") with { BoughtFor = bob.UserId };
        Assert.Equal("receipt_invalid", (await TakeAsync(alice, purchase)).Error?.Code);
        Assert.True((await TakeAsync(bob, purchase)).IsOk);
        Assert.Equal("receipt_in_use", (await TakeAsync(alice, purchase with { BoughtFor = null })).Error?.Code);
        Assert.Equal(["refused", "taken", "refused"], _world.Memory.State.SubscriptionLog.Select(note => note.Decision));

        await _world.ChangeAsync(bob.UserId, account => account with { State = AccountState.Deleted });
        Assert.True((await TakeAsync(alice, purchase)).Value.IsActive);
        Assert.Equal(alice.UserId, Assert.Single(_world.Memory.State.Purchases.Values).Owner);
    }

    [Fact]
    public async Task What_is_older_replaces_nothing_that_is_newer()
    {
        var alice = await _world.AddAsync("alice");
        await TakeAsync(alice, Purchase("1") with { AsOf = Now });
        Assert.True(await Take.FromStoreAsync(Purchase("1") with { State = PurchaseState.Revoked, AsOf = Now.AddHours(-1) }, "m1", _source, default));
        Assert.Equal(SubscriptionState.Active, (await StatusAsync(alice))!.State);
        Assert.True(await Take.FromStoreAsync(Purchase("1") with { State = PurchaseState.Revoked, AsOf = Now.AddHours(1) }, "m2", _source, default));
        Assert.Equal(SubscriptionState.Revoked, (await StatusAsync(alice))!.State);
    }

    [Fact]
    public async Task A_stores_message_counts_once_and_one_of_a_purchase_that_is_nobodys_does_nothing()
    {
        var alice = await _world.AddAsync("alice");
        Assert.False(await Take.FromStoreAsync(Purchase("1"), "m0", _source, default));
        Assert.Empty(_world.Memory.State.Purchases);
        await TakeAsync(alice, Purchase("1"));
        var told = Listen(alice);
        var ended = Purchase("1") with { State = PurchaseState.Expired, AsOf = Now.AddHours(1) };
        Assert.True(await Take.FromStoreAsync(ended, "m1", _source, default));
        Assert.False(await Take.FromStoreAsync(ended, "m1", _source, default));
        Assert.Equal(SubscriptionState.Expired, Assert.IsType<SubscriptionChanged>(Assert.Single(told.Told).Event).Status.State);
    }

    [Fact]
    public async Task A_purchase_that_replaces_another_ends_it()
    {
        var alice = await _world.AddAsync("alice");
        await TakeAsync(alice, Google("old"));
        var status = (await TakeAsync(alice, Google("new") with { Replaces = "old", ProductId = "plus-yearly" })).Value;
        Assert.Equal((SubscriptionState.Active, "plus-yearly"), (status.State, status.ProductId));
        Assert.Equal(PurchaseState.Revoked, _world.Memory.State.Purchases[(StorePlatform.Google, "old")].Purchase.State);
        // A store that tells of the new one by itself is understood too.
        Assert.True(await Take.FromStoreAsync(Google("newest") with { Replaces = "new" }, "m", _source, default));
        Assert.Equal(alice.UserId, _world.Memory.State.Purchases[(StorePlatform.Google, "newest")].Owner);
    }

    [Theory]
    [InlineData(true, 24)]
    [InlineData(false, 0)]
    public async Task What_renews_itself_stands_for_a_day_past_its_end_and_what_does_not_ends_on_time(bool isAutoRenewing, int hours)
    {
        var alice = await _world.AddAsync("alice");
        await TakeAsync(alice, Purchase("1") with { IsAutoRenewing = isAutoRenewing });
        Assert.Equal(Now.AddDays(30).AddHours(hours), _world.Memory.State.Told[alice.UserId].ChangesAt);
        _world.Clock.Advance(TimeSpan.FromDays(30) + TimeSpan.FromHours(hours) - TimeSpan.FromSeconds(1));
        Assert.Equal(SubscriptionState.Active, (await StatusAsync(alice))!.State);
        _world.Clock.Advance(TimeSpan.FromSeconds(1));
        var status = await StatusAsync(alice);
        Assert.Equal((SubscriptionState.Expired, false, false), (status!.State, status.IsActive, status.IsAutoRenewing));
    }

    [Theory]
    [InlineData(PurchaseState.Active, SubscriptionState.Active, true)]
    [InlineData(PurchaseState.Grace, SubscriptionState.Grace, true)]
    [InlineData(PurchaseState.Expired, SubscriptionState.Expired, false)]
    [InlineData(PurchaseState.Revoked, SubscriptionState.Revoked, false)]
    [InlineData(PurchaseState.Pending, SubscriptionState.None, false)]
    public async Task Each_state_is_what_it_is(PurchaseState bought, SubscriptionState expected, bool isActive)
    {
        var alice = await _world.AddAsync("alice");
        var status = (await TakeAsync(alice, Purchase("1") with { State = bought })).Value;
        Assert.Equal((expected, isActive), (status.State, status.IsActive));
    }

    [Fact]
    public async Task A_gift_counts_before_a_purchase_and_of_purchases_the_one_that_grants_most()
    {
        var alice = await _world.AddAsync("alice");
        await TakeAsync(alice, Purchase("1") with { State = PurchaseState.Revoked });
        await TakeAsync(alice, Purchase("2") with { ProductId = "month", ExpiresAt = Now.AddDays(30) });
        Assert.Equal("for ever", (await TakeAsync(alice, Purchase("3") with { ProductId = "for ever", ExpiresAt = null })).Value.ProductId);
        await _world.Database.WriteAsync<bool>(async tx => await tx.Subscriptions.GrantAsync(alice.UserId, Now.AddDays(1), Now), default);
        Assert.Equal(SubscriptionState.Granted, (await StatusAsync(alice))!.State);
        _world.Clock.Advance(TimeSpan.FromDays(1));
        Assert.Equal(SubscriptionState.Active, (await StatusAsync(alice))!.State);
    }

    [Fact]
    public async Task Who_is_premium_is_the_administrators_choice()
    {
        var alice = await _world.AddAsync("alice");
        Assert.Equal(SubscriptionState.Granted, (await StatusAsync(alice, SubscriptionMode.Everyone))!.State);
        Assert.Equal(SubscriptionState.None, (await StatusAsync(alice))!.State);
        Assert.Null(await StatusAsync(alice, SubscriptionMode.Off));
    }

    private static StorePurchase Google(string id) => new(StorePlatform.Google, id, "plus", PurchaseState.Active, Sample.Now.AddDays(30), IsAutoRenewing: true, BoughtFor: null, Sample.Now);

    private StorePurchase Purchase(string id) => new(StorePlatform.Apple, id, "plus", PurchaseState.Active, Now.AddDays(30), IsAutoRenewing: true, BoughtFor: null, Now);

    private SubscriptionNews News(SubscriptionMode mode) => new(new EventWriter(_world, _world.Clock), new Subscribers(mode, _world.Clock), _world.Clock);

    private Task<Result<SubscriptionStatus>> TakeAsync(Caller caller, StorePurchase purchase) => Take.ForCallerAsync(caller, purchase, _source, default).AsTask();

    private ValueTask<SubscriptionStatus?> StatusAsync(Caller caller, SubscriptionMode mode = SubscriptionMode.Stores) =>
        _world.Database.ReadAsync(tx => new Subscribers(mode, _world.Clock).StatusOfAsync(tx, caller.UserId), default);

    private Recorder Listen(Caller caller)
    {
        var recorder = new Recorder();
        _world.Memory.PubSub.Subscribe(caller.UserId, recorder);
        return recorder;
    }
}
