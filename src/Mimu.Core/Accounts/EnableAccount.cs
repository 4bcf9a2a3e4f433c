using Mimu.Core.Storage;

namespace Mimu.Core.Accounts;

/// <summary>Lets a disabled account sign in again (protocol section 15). Its sessions stay ended.</summary>
public sealed class EnableAccount(IDatabase database)
{
    /// <returns>The account; <c>not_found</c> when nobody has the name, or it was deleted.</returns>
    public ValueTask<Result<Account>> RunAsync(PublicId publicId, CancellationToken cancellation) => database.WriteAsync<Account>(async tx =>
    {
        if (await tx.Accounts.FindAsync(publicId) is not { State: not AccountState.Deleted } account)
        {
            return Errors.NotFound.Because($"Nobody here is called {publicId}.");
        }
        await tx.Accounts.SetStateAsync(account.Id, AccountState.Active);
        return account with { State = AccountState.Active };
    }, cancellation);
}
