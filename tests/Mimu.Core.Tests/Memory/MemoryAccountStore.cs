using Mimu.Core.Accounts;

namespace Mimu.Core.Tests.Memory;

internal sealed class MemoryAccountStore(MemoryTransaction tx) : IAccountStore
{
    public ValueTask<bool> AddAsync(Account account)
    {
        if (tx.State.Names.ContainsKey(account.PublicId.Value))
        {
            return new(false);
        }
        tx.State = tx.State with
        {
            Accounts = tx.State.Accounts.Add(account.Id, account),
            Names = tx.State.Names.Add(account.PublicId.Value, account.Id),
        };
        return new(true);
    }

    public ValueTask<Account?> FindAsync(PublicId publicId) =>
        new(tx.State.Names.TryGetValue(publicId.Value, out var id) ? tx.State.Accounts[id] : null);

    public ValueTask<Account?> FindAsync(UserId id) => new(tx.State.Accounts.GetValueOrDefault(id));

    public ValueTask<IReadOnlyList<Account>> SearchAsync(string prefix, UserId viewer, int limit) => new(tx.State.Names
        .Where(name => name.Key.StartsWith(prefix, StringComparison.Ordinal))
        .Select(name => tx.State.Accounts[name.Value])
        .Where(account => account.State is AccountState.Active && !tx.State.Blocks.Contains((account.Id, viewer)))
        .Take(limit).ToList());

    public ValueTask<IReadOnlyList<Account>> FindAllAsync(IReadOnlyCollection<UserId> users) => new(users.Distinct()
        .Select(user => tx.State.Accounts.GetValueOrDefault(user))
        .OfType<Account>()
        .Where(account => account.State is not AccountState.Deleted).ToList());

    public ValueTask<bool> ReplacePasswordHashAsync(UserId user, string former, string renewed)
    {
        if (tx.State.Accounts.GetValueOrDefault(user) is not { } account || account.PasswordHash != former)
        {
            return new(false);
        }
        tx.State = tx.State with { Accounts = tx.State.Accounts.SetItem(user, account with { PasswordHash = renewed }) };
        return new(true);
    }

    public ValueTask SetStateAsync(UserId user, AccountState state) => Change(user, account => account with { State = state });

    public ValueTask ChangeProfileAsync(UserId user, string displayName, string? avatar) =>
        Change(user, account => account with { DisplayName = displayName, Avatar = avatar });

    public ValueTask ReplaceIdentityAsync(UserId user, byte[] identityKey, byte[] signingKey) =>
        Change(user, account => account with { IdentityKey = identityKey, SigningKey = signingKey });

    public ValueTask BuryAsync(UserId user) => Change(user, account =>
        new Account(account.Id, account.PublicId, account.PublicId.Value, Avatar: null, [], [], "", AccountState.Deleted, account.CreatedAt));

    private ValueTask Change(UserId user, Func<Account, Account> change)
    {
        tx.State = tx.State with { Accounts = tx.State.Accounts.SetItem(user, change(tx.State.Accounts[user])) };
        return ValueTask.CompletedTask;
    }
}
