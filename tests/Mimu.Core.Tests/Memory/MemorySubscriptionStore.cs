using Mimu.Core.Subscriptions;

namespace Mimu.Core.Tests.Memory;

internal sealed class MemorySubscriptionStore(MemoryTransaction tx) : ISubscriptionStore
{
    public ValueTask<OwnedPurchase?> FindAsync(StorePlatform platform, string purchaseId) => new(tx.State.Purchases.GetValueOrDefault((platform, purchaseId)));

    public ValueTask<IReadOnlyList<OwnedPurchase>> ListAsync(UserId user) => new([.. tx.State.Purchases.Values.Where(one => one.Owner == user)]);

    public ValueTask PutAsync(OwnedPurchase purchase)
    {
        // What is not stored is not there again either.
        var stored = purchase with { Purchase = purchase.Purchase with { BoughtFor = null, Replaces = null } };
        tx.State = tx.State with { Purchases = tx.State.Purchases.SetItem((purchase.Purchase.Platform, purchase.Purchase.PurchaseId), stored) };
        return ValueTask.CompletedTask;
    }

    public ValueTask<IReadOnlyList<OwnedPurchase>> ListDueAsync(DateTimeOffset now, int limit) =>
        new([.. tx.State.Purchases.Values.Where(one => one.CheckAt <= now).OrderBy(one => one.CheckAt).Take(limit)]);

    public ValueTask<DateTimeOffset?> FindGrantAsync(UserId user) => new(tx.State.Grants.TryGetValue(user, out var until) ? until : null);

    public ValueTask<bool> GrantAsync(UserId user, DateTimeOffset? until, DateTimeOffset now)
    {
        var isChanged = until is not null || tx.State.Grants.ContainsKey(user);
        tx.State = tx.State with { Grants = until is { } end ? tx.State.Grants.SetItem(user, end) : tx.State.Grants.Remove(user) };
        return new(isChanged);
    }

    public ValueTask<string?> FindToldAsync(UserId user) => new(tx.State.Told.TryGetValue(user, out var told) ? told.Text : null);

    public ValueTask ToldAsync(UserId user, string told, DateTimeOffset? changesAt)
    {
        tx.State = tx.State with { Told = tx.State.Told.SetItem(user, (told, changesAt)) };
        return ValueTask.CompletedTask;
    }

    public ValueTask<IReadOnlyList<UserId>> ListChangingAsync(DateTimeOffset now, int limit) =>
        new([.. tx.State.Told.Where(one => one.Value.ChangesAt <= now).OrderBy(one => one.Value.ChangesAt).Take(limit).Select(one => one.Key)]);

    public ValueTask<bool> NoteMessageAsync(StorePlatform platform, string messageId, DateTimeOffset now, DateTimeOffset forgetBefore)
    {
        var kept = tx.State.StoreMessages.RemoveRange(tx.State.StoreMessages.Where(one => one.Value < forgetBefore).Select(one => one.Key));
        var isNew = !kept.ContainsKey((platform, messageId));
        tx.State = tx.State with { StoreMessages = isNew ? kept.Add((platform, messageId), now) : kept };
        return new(isNew);
    }

    public ValueTask LogAsync(SubscriptionNote note)
    {
        tx.State = tx.State with { SubscriptionLog = tx.State.SubscriptionLog.Add(note) };
        return ValueTask.CompletedTask;
    }

    public ValueTask<IReadOnlyList<SubscriptionNote>> ListLogAsync(UserId user, int limit) => new([.. tx.State.SubscriptionLog.Where(note => note.User == user).Reverse().Take(limit)]);
}
