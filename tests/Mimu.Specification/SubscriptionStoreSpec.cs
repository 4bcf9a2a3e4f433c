using Mimu.Core.Accounts;
using Mimu.Core.Subscriptions;
using Xunit;

namespace Mimu.Specification;

/// <summary>What <see cref="ISubscriptionStore"/> promises.</summary>
public abstract class SubscriptionStoreSpec : StorageSpec
{
    private static readonly DateTimeOffset _now = Sample.Now;

    private Account _alice = null!;
    private Account _bob = null!;

    public override async Task InitializeAsync()
    {
        await base.InitializeAsync();
        _alice = await WriteAsync(tx => tx.AddAccountAsync("alice"));
        _bob = await WriteAsync(tx => tx.AddAccountAsync("bob"));
    }

    [Fact]
    public async Task A_purchase_is_kept_as_it_is_and_takes_the_place_of_what_was_known()
    {
        var first = Purchase("1") with
        {
            Purchase = new StorePurchase(StorePlatform.Google, "1", "plus", PurchaseState.Active, _now.AddDays(30), IsAutoRenewing: true, BoughtFor: null, _now) { NeedsAcknowledgement = true },
            CheckAt = _now.AddDays(29),
        };
        await PutAsync(first);
        Assert.Equal(first, await ReadAsync(tx => tx.Subscriptions.FindAsync(StorePlatform.Google, "1")));
        Assert.Null(await ReadAsync(tx => tx.Subscriptions.FindAsync(StorePlatform.Apple, "1")));

        var second = new OwnedPurchase(new StorePurchase(StorePlatform.Google, "1", "other", PurchaseState.Revoked, ExpiresAt: null, IsAutoRenewing: false, BoughtFor: null, _now.AddDays(1))
        {
            IsSubscription = false,
        }, _bob.Id, CheckAt: null);
        await PutAsync(second);
        Assert.Equal(second, await ReadAsync(tx => tx.Subscriptions.FindAsync(StorePlatform.Google, "1")));
        Assert.Empty(await ReadAsync(tx => tx.Subscriptions.ListAsync(_alice.Id)));
        Assert.Equal([second], await ReadAsync(tx => tx.Subscriptions.ListAsync(_bob.Id)));
    }

    [Fact]
    public async Task What_is_due_is_listed_the_longest_due_first()
    {
        foreach (var (id, minutes) in ((string, int?)[])[("c", 3), ("a", 1), ("b", 2), ("never", null)])
        {
            await PutAsync(Purchase(id) with { CheckAt = minutes is { } due ? _now.AddMinutes(due) : null });
        }
        Assert.Empty(await ReadAsync(tx => tx.Subscriptions.ListDueAsync(_now, 10)));
        Assert.Equal(["a", "b"], (await ReadAsync(tx => tx.Subscriptions.ListDueAsync(_now.AddMinutes(2), 10))).Select(one => one.Purchase.PurchaseId));
        Assert.Equal(["a", "b"], (await ReadAsync(tx => tx.Subscriptions.ListDueAsync(_now.AddHours(1), 2))).Select(one => one.Purchase.PurchaseId));
    }

    [Fact]
    public async Task A_gift_can_be_given_prolonged_and_taken_back()
    {
        Assert.Null(await ReadAsync(tx => tx.Subscriptions.FindGrantAsync(_alice.Id)));
        Assert.False(await WriteAsync(tx => tx.Subscriptions.GrantAsync(_alice.Id, until: null, _now)));
        Assert.True(await WriteAsync(tx => tx.Subscriptions.GrantAsync(_alice.Id, _now.AddDays(1), _now)));
        Assert.True(await WriteAsync(tx => tx.Subscriptions.GrantAsync(_alice.Id, _now.AddDays(2), _now)));
        Assert.Equal(_now.AddDays(2), await ReadAsync(tx => tx.Subscriptions.FindGrantAsync(_alice.Id)));
        Assert.Null(await ReadAsync(tx => tx.Subscriptions.FindGrantAsync(_bob.Id)));
        Assert.True(await WriteAsync(tx => tx.Subscriptions.GrantAsync(_alice.Id, until: null, _now)));
        Assert.Null(await ReadAsync(tx => tx.Subscriptions.FindGrantAsync(_alice.Id)));
    }

    [Fact]
    public async Task What_was_told_is_remembered_and_who_may_change_is_found()
    {
        Assert.Null(await ReadAsync(tx => tx.Subscriptions.FindToldAsync(_alice.Id)));
        await WriteAsync(tx => tx.Subscriptions.ToldAsync(_alice.Id, "one", _now.AddDays(1)));
        await WriteAsync(tx => tx.Subscriptions.ToldAsync(_bob.Id, "x", changesAt: null));
        Assert.Equal("one", await ReadAsync(tx => tx.Subscriptions.FindToldAsync(_alice.Id)));
        Assert.Empty(await ReadAsync(tx => tx.Subscriptions.ListChangingAsync(_now, 10)));
        Assert.Equal([_alice.Id], await ReadAsync(tx => tx.Subscriptions.ListChangingAsync(_now.AddDays(1), 10)));
        await WriteAsync(tx => tx.Subscriptions.ToldAsync(_alice.Id, "two", changesAt: null));
        Assert.Equal("two", await ReadAsync(tx => tx.Subscriptions.FindToldAsync(_alice.Id)));
        Assert.Empty(await ReadAsync(tx => tx.Subscriptions.ListChangingAsync(_now.AddDays(1), 10)));
    }

    [Fact]
    public async Task A_stores_message_is_noted_once_until_it_is_old()
    {
        Assert.True(await NoteAsync(StorePlatform.Apple, _now));
        Assert.False(await NoteAsync(StorePlatform.Apple, _now.AddDays(1)));
        Assert.True(await NoteAsync(StorePlatform.Google, _now));
        Assert.True(await NoteAsync(StorePlatform.Apple, _now.AddDays(31)));

        Task<bool> NoteAsync(StorePlatform platform, DateTimeOffset at) => WriteAsync(tx => tx.Subscriptions.NoteMessageAsync(platform, "m", at, at.AddDays(-30)));
    }

    [Fact]
    public async Task What_was_seen_can_be_looked_up_the_last_first()
    {
        var notes = Enumerable.Range(0, 3).Select(i => new SubscriptionNote(_now.AddMinutes(i), _alice.Id, StorePlatform.Apple, "purchase", new byte[32], "taken", $"reason {i}")).ToList();
        foreach (var note in notes)
        {
            await WriteAsync(tx => tx.Subscriptions.LogAsync(note));
        }
        await WriteAsync(tx => tx.Subscriptions.LogAsync(new SubscriptionNote(_now, User: null, Platform: null, "notification", ReceiptHash: null, "ignored", "nobody's")));
        Alike.Equal((SubscriptionNote[])[notes[2], notes[1]], await ReadAsync(tx => tx.Subscriptions.ListLogAsync(_alice.Id, 2)));
        Assert.Empty(await ReadAsync(tx => tx.Subscriptions.ListLogAsync(_bob.Id, 2)));
    }

    private OwnedPurchase Purchase(string id) =>
        new(new StorePurchase(StorePlatform.Apple, id, "plus", PurchaseState.Active, _now.AddDays(30), IsAutoRenewing: false, BoughtFor: null, _now), _alice.Id, CheckAt: null);

    private Task PutAsync(OwnedPurchase purchase) => WriteAsync(tx => tx.Subscriptions.PutAsync(purchase));
}
