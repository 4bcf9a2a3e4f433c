using Mimu.Core.Accounts;
using Mimu.Core.Calls;
using Mimu.Core.Storage;

namespace Mimu.Core.Blocks;

/// <summary>Blocks somebody (protocol 3.8). Nobody is told; a call between the two ends.</summary>
public sealed class BlockAccount(IDatabase database, CallTable calls, TimeProvider clock)
{
    /// <returns>Nothing, also when they were blocked before; <c>not_found</c>, or <c>validation_failed</c> for oneself.</returns>
    public async ValueTask<Result<Done>> RunAsync(Caller caller, PublicId publicId, CancellationToken cancellation)
    {
        var now = clock.Now();
        var blocked = await database.WriteAsync<UserId>(async tx =>
        {
            if (await tx.Sessions.FindAsync(caller.SessionId) is null)
            {
                return Errors.SessionEnded;
            }
            if (await tx.Accounts.FindAsync(publicId) is not { State: not AccountState.Deleted } account)
            {
                return Errors.NotFound;
            }
            if (account.Id == caller.UserId)
            {
                return new ValidationFailed([new Fault("public_id", "must be another account's")]);
            }
            await tx.Blocks.AddAsync(caller.UserId, account.Id, now);
            return account.Id;
        }, cancellation);
        if (!blocked.Succeeded(out var other, out var refusal))
        {
            return refusal;
        }
        calls.EndBetween(caller.UserId, other);
        return default(Done);
    }
}
