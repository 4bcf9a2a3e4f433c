using Mimu.Core.Events;
using Mimu.Core.Sessions;
using Mimu.Core.Storage;

namespace Mimu.Core.Accounts;

/// <summary>Keeps an account out (protocol section 15): its sessions end at once, and nobody signs in to it any more.</summary>
public sealed class DisableAccount(IDatabase database)
{
    /// <returns>The account; <c>not_found</c> when nobody has the name, or it was deleted.</returns>
    public ValueTask<Result<Account>> RunAsync(PublicId publicId, CancellationToken cancellation) => database.WriteAsync<Account>(async tx =>
    {
        if (await tx.Accounts.FindAsync(publicId) is not { State: not AccountState.Deleted } account)
        {
            return Errors.NotFound.Because($"Nobody here is called {publicId}.");
        }
        await tx.Accounts.SetStateAsync(account.Id, AccountState.Disabled);
        await tx.EndSessionsAsync(account.Id, reason: SessionEnding.AccountDisabled);
        return account with { State = AccountState.Disabled };
    }, cancellation);
}
