using Dapper;
using Microsoft.Data.Sqlite;
using Mimu.Core;
using Mimu.Core.Subscriptions;

namespace Mimu.Embedded.Sqlite.Stores;

/// <inheritdoc cref="ISubscriptionStore"/>
internal sealed class SubscriptionStore(SqliteConnection connection) : ISubscriptionStore
{
    private const string FindSql = """
        SELECT platform, purchase_id, user_id, product_id, state, expires_at, auto_renewing, is_subscription, period_start, as_of, acknowledge, check_at
        FROM purchases WHERE platform = @platform AND purchase_id = @purchaseId
        """;

    private const string ListSql = """
        SELECT platform, purchase_id, user_id, product_id, state, expires_at, auto_renewing, is_subscription, period_start, as_of, acknowledge, check_at
        FROM purchases WHERE user_id = @userId
        """;

    private const string PutSql = """
        INSERT INTO purchases (platform, purchase_id, user_id, product_id, state, expires_at, auto_renewing, is_subscription, period_start, as_of, acknowledge, check_at)
        VALUES (@platform, @purchaseId, @userId, @productId, @state, @expiresAt, @autoRenewing, @isSubscription, @periodStart, @asOf, @acknowledge, @checkAt)
        ON CONFLICT (platform, purchase_id) DO UPDATE SET user_id = excluded.user_id, product_id = excluded.product_id, state = excluded.state, expires_at = excluded.expires_at,
            auto_renewing = excluded.auto_renewing, is_subscription = excluded.is_subscription, period_start = excluded.period_start, as_of = excluded.as_of, acknowledge = excluded.acknowledge, check_at = excluded.check_at
        """;

    private const string ListDueSql = """
        SELECT platform, purchase_id, user_id, product_id, state, expires_at, auto_renewing, is_subscription, period_start, as_of, acknowledge, check_at
        FROM purchases WHERE check_at <= @now AND check_at IS NOT NULL ORDER BY check_at LIMIT @limit
        """;

    private const string FindGrantSql = "SELECT until FROM grants WHERE user_id = @userId";

    private const string GrantSql = "INSERT INTO grants (user_id, until, granted_at) VALUES (@userId, @until, @now) ON CONFLICT (user_id) DO UPDATE SET until = excluded.until, granted_at = excluded.granted_at";

    private const string TakeBackSql = "DELETE FROM grants WHERE user_id = @userId";

    private const string FindToldSql = "SELECT told FROM subscription_status WHERE user_id = @userId";

    private const string ToldSql = "INSERT INTO subscription_status (user_id, told, changes_at) VALUES (@userId, @told, @changesAt) ON CONFLICT (user_id) DO UPDATE SET told = excluded.told, changes_at = excluded.changes_at";

    private const string ListChangingSql = "SELECT user_id FROM subscription_status WHERE changes_at <= @now AND changes_at IS NOT NULL ORDER BY changes_at LIMIT @limit";

    private const string NoteMessageSql = "INSERT INTO store_messages (platform, message_id, seen_at) VALUES (@platform, @messageId, @now) ON CONFLICT DO NOTHING";

    private const string ForgetMessagesSql = "DELETE FROM store_messages WHERE seen_at < @before";

    private const string LogSql = """
        INSERT INTO subscription_log (at, user_id, platform, source, receipt_hash, decision, reason) VALUES (@at, @userId, @platform, @source, @receiptHash, @decision, @reason)
        """;

    private const string ListLogSql = """
        SELECT at, user_id, platform, source, receipt_hash, decision, reason FROM subscription_log WHERE user_id = @userId ORDER BY id DESC LIMIT @limit
        """;

    public ValueTask<OwnedPurchase?> FindAsync(StorePlatform platform, string purchaseId) =>
        new(connection.QueryFirstOrDefault<PurchaseRow>(FindSql, new { platform = (int)platform, purchaseId })?.ToPurchase());

    public ValueTask<IReadOnlyList<OwnedPurchase>> ListAsync(UserId user) =>
        new([.. connection.Query<PurchaseRow>(ListSql, new { userId = user.Blob() }).Select(row => row.ToPurchase())]);

    public ValueTask PutAsync(OwnedPurchase purchase)
    {
        var bought = purchase.Purchase;
        connection.Execute(PutSql, new
        {
            platform = (int)bought.Platform,
            purchaseId = bought.PurchaseId,
            userId = purchase.Owner.Blob(),
            productId = bought.ProductId,
            state = (int)bought.State,
            expiresAt = Columns.Milliseconds(bought.ExpiresAt),
            autoRenewing = bought.IsAutoRenewing ? 1 : 0,
            isSubscription = bought.IsSubscription ? 1 : 0,
            periodStart = Columns.Milliseconds(bought.PeriodStart),
            asOf = Columns.Milliseconds(bought.AsOf),
            acknowledge = bought.NeedsAcknowledgement ? 1 : 0,
            checkAt = Columns.Milliseconds(purchase.CheckAt),
        });
        return ValueTask.CompletedTask;
    }

    public ValueTask<IReadOnlyList<OwnedPurchase>> ListDueAsync(DateTimeOffset now, int limit) =>
        new([.. connection.Query<PurchaseRow>(ListDueSql, new { now = Columns.Milliseconds(now), limit }).Select(row => row.ToPurchase())]);

    public ValueTask<DateTimeOffset?> FindGrantAsync(UserId user) => new(Columns.TimeOrNull(connection.QueryFirstOrDefault<long?>(FindGrantSql, new { userId = user.Blob() })));

    public ValueTask<bool> GrantAsync(UserId user, DateTimeOffset? until, DateTimeOffset now) => until is { } end
        ? new(connection.Execute(GrantSql, new { userId = user.Blob(), until = Columns.Milliseconds(end), now = Columns.Milliseconds(now) }) == 1)
        : new(connection.Execute(TakeBackSql, new { userId = user.Blob() }) == 1);

    public ValueTask<string?> FindToldAsync(UserId user) => new(connection.QueryFirstOrDefault<string?>(FindToldSql, new { userId = user.Blob() }));

    public ValueTask ToldAsync(UserId user, string told, DateTimeOffset? changesAt)
    {
        connection.Execute(ToldSql, new { userId = user.Blob(), told, changesAt = Columns.Milliseconds(changesAt) });
        return ValueTask.CompletedTask;
    }

    public ValueTask<IReadOnlyList<UserId>> ListChangingAsync(DateTimeOffset now, int limit) =>
        new([.. connection.Query<byte[]>(ListChangingSql, new { now = Columns.Milliseconds(now), limit }).Select(id => new UserId(Columns.Id(id)))]);

    public ValueTask<bool> NoteMessageAsync(StorePlatform platform, string messageId, DateTimeOffset now, DateTimeOffset forgetBefore)
    {
        connection.Execute(ForgetMessagesSql, new { before = Columns.Milliseconds(forgetBefore) });
        return new(connection.Execute(NoteMessageSql, new { platform = (int)platform, messageId, now = Columns.Milliseconds(now) }) == 1);
    }

    public ValueTask LogAsync(SubscriptionNote note)
    {
        connection.Execute(LogSql, new
        {
            at = Columns.Milliseconds(note.At),
            userId = new Blob(Columns.Bytes(note.User?.Value)),
            platform = (int?)note.Platform,
            source = note.Source,
            receiptHash = new Blob(note.ReceiptHash),
            decision = note.Decision,
            reason = note.Reason,
        });
        return ValueTask.CompletedTask;
    }

    public ValueTask<IReadOnlyList<SubscriptionNote>> ListLogAsync(UserId user, int limit) =>
        new([.. connection.Query<NoteRow>(ListLogSql, new { userId = user.Blob(), limit }).Select(row => row.ToNote())]);

    internal sealed record PurchaseRow(long Platform, string PurchaseId, byte[] UserId, string ProductId, long State, long? ExpiresAt, long AutoRenewing, long IsSubscription, long? PeriodStart, long AsOf, long Acknowledge, long? CheckAt)
    {
        public OwnedPurchase ToPurchase() => new(
            new StorePurchase((StorePlatform)Platform, PurchaseId, ProductId, (PurchaseState)State, Columns.TimeOrNull(ExpiresAt), AutoRenewing == 1, BoughtFor: null, Columns.Time(AsOf))
            {
                IsSubscription = IsSubscription == 1,
                NeedsAcknowledgement = Acknowledge == 1,
                PeriodStart = Columns.TimeOrNull(PeriodStart),
            },
            new UserId(Columns.Id(UserId)), Columns.TimeOrNull(CheckAt));
    }

    internal sealed record NoteRow(long At, byte[]? UserId, long? Platform, string Source, byte[]? ReceiptHash, string Decision, string Reason)
    {
        public SubscriptionNote ToNote() => new(Columns.Time(At), Columns.IdOrNull(UserId) is { } id ? new UserId(id) : null, (StorePlatform?)Platform, Source, ReceiptHash, Decision, Reason);
    }
}
