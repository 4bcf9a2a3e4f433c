using Dapper;
using Microsoft.Data.Sqlite;
using Mimu.Core;
using Mimu.Core.Accounts;

namespace Mimu.Embedded.Sqlite.Stores;

/// <inheritdoc cref="IAccountStore"/>
internal sealed class AccountStore(SqliteConnection connection) : IAccountStore
{
    private const string AddSql = """
        INSERT INTO accounts (user_id, public_id, display_name, avatar, identity_key, signing_key, password_hash, state, created_at)
        VALUES (@userId, @publicId, @displayName, @avatar, @identityKey, @signingKey, @passwordHash, @state, @createdAt)
        ON CONFLICT (public_id) DO NOTHING
        """;

    /// <summary>An account's own audience: what concerns it alone is in its stream for ever.</summary>
    private const string AddSpanSql = "INSERT INTO stream_spans (user_id, audience, from_position) VALUES (@userId, @userId, 0)";

    private const string FindByNameSql = """
        SELECT user_id, public_id, display_name, avatar, identity_key, signing_key, password_hash, state, created_at
        FROM accounts WHERE public_id = @publicId
        """;

    private const string FindByIdSql = """
        SELECT user_id, public_id, display_name, avatar, identity_key, signing_key, password_hash, state, created_at
        FROM accounts WHERE user_id = @userId
        """;

    private const string SearchSql = """
        SELECT user_id, public_id, display_name, avatar, identity_key, signing_key, password_hash, state, created_at
        FROM accounts a WHERE public_id >= @first AND public_id < @end AND state = 0
          AND NOT EXISTS (SELECT 1 FROM blocks b WHERE b.user_id = a.user_id AND b.blocked_id = @viewer)
        ORDER BY public_id LIMIT @limit
        """;

    private const string FindAllSql = """
        SELECT user_id, public_id, display_name, avatar, identity_key, signing_key, password_hash, state, created_at
        FROM accounts WHERE user_id IN (SELECT unhex(value) FROM json_each(@ids)) AND state <> 2
        """;

    private const string ReplacePasswordHashSql =
        "UPDATE accounts SET password_hash = @renewed WHERE user_id = @userId AND password_hash = @former";

    private const string ChangeProfileSql = "UPDATE accounts SET display_name = @displayName, avatar = @avatar WHERE user_id = @userId";

    private const string ReplaceIdentitySql = "UPDATE accounts SET identity_key = @identityKey, signing_key = @signingKey WHERE user_id = @userId";

    private const string BurySql = """
        UPDATE accounts SET display_name = public_id, avatar = NULL, identity_key = x'', signing_key = x'', password_hash = '', state = 2
        WHERE user_id = @userId
        """;

    private const string SetStateSql = "UPDATE accounts SET state = @state WHERE user_id = @userId";

    /// <summary>Above every character that a public id may have ('z' is 0x7A).</summary>
    private const char AboveAll = '~';

    public ValueTask<bool> AddAsync(Account account)
    {
        var userId = account.Id.Blob();
        var added = connection.Execute(AddSql, new
        {
            userId,
            publicId = account.PublicId.Value,
            displayName = account.DisplayName,
            avatar = account.Avatar,
            identityKey = new Blob(account.IdentityKey),
            signingKey = new Blob(account.SigningKey),
            passwordHash = account.PasswordHash,
            state = (long)account.State,
            createdAt = Columns.Milliseconds(account.CreatedAt),
        }) == 1;
        if (added)
        {
            connection.Execute(AddSpanSql, new { userId });
        }
        return new(added);
    }

    public ValueTask<Account?> FindAsync(PublicId publicId) =>
        new(connection.QueryFirstOrDefault<AccountRow>(FindByNameSql, new { publicId = publicId.Value })?.ToAccount());

    public ValueTask<Account?> FindAsync(UserId id) =>
        new(connection.QueryFirstOrDefault<AccountRow>(FindByIdSql, new { userId = id.Blob() })?.ToAccount());

    public ValueTask<IReadOnlyList<Account>> SearchAsync(string prefix, UserId viewer, int limit) =>
        new(ToAccounts(connection.Query<AccountRow>(SearchSql, new { first = prefix, end = prefix + AboveAll, viewer = viewer.Blob(), limit })));

    public ValueTask<IReadOnlyList<Account>> FindAllAsync(IReadOnlyCollection<UserId> users) =>
        new(ToAccounts(connection.Query<AccountRow>(FindAllSql, new { ids = Columns.List(users) })));

    public ValueTask<bool> ReplacePasswordHashAsync(UserId user, string former, string renewed) =>
        new(connection.Execute(ReplacePasswordHashSql, new { userId = user.Blob(), former, renewed }) == 1);

    public ValueTask ChangeProfileAsync(UserId user, string displayName, string? avatar)
    {
        connection.Execute(ChangeProfileSql, new { userId = user.Blob(), displayName, avatar });
        return ValueTask.CompletedTask;
    }

    public ValueTask ReplaceIdentityAsync(UserId user, byte[] identityKey, byte[] signingKey)
    {
        connection.Execute(ReplaceIdentitySql, new { userId = user.Blob(), identityKey = new Blob(identityKey), signingKey = new Blob(signingKey) });
        return ValueTask.CompletedTask;
    }

    public ValueTask BuryAsync(UserId user)
    {
        connection.Execute(BurySql, new { userId = user.Blob() });
        return ValueTask.CompletedTask;
    }

    public ValueTask SetStateAsync(UserId user, AccountState state)
    {
        connection.Execute(SetStateSql, new { userId = user.Blob(), state = (long)state });
        return ValueTask.CompletedTask;
    }

    private static List<Account> ToAccounts(IEnumerable<AccountRow> rows) => rows.Select(row => row.ToAccount()).ToList();

    internal sealed record AccountRow(
        byte[] UserId, string PublicId, string DisplayName, string? Avatar, byte[] IdentityKey, byte[] SigningKey, string PasswordHash, long State, long CreatedAt)
    {
        public Account ToAccount() => new(new UserId(Columns.Id(UserId)), Core.Accounts.PublicId.FromStored(PublicId), DisplayName, Avatar,
            IdentityKey, SigningKey, PasswordHash, (AccountState)State, Columns.Time(CreatedAt));
    }
}
