using Mimu.Core.Accounts;
using Mimu.Core.Storage;

namespace Mimu.Core.Blocks;

/// <summary>Blocks somebody (protocol 3.8). Nobody is told.</summary>
public sealed class BlockAccount(IDatabase database, TimeProvider clock)
{
    /// <returns>Nothing, also when they were blocked before; <c>not_found</c>, or <c>validation_failed</c> for oneself.</returns>
    public ValueTask<Result<Done>> RunAsync(Caller caller, PublicId publicId, CancellationToken cancellation)
    {
        var now = clock.Now();
        return database.WriteAsync<Done>(async tx =>
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
            return default(Done);
        }, cancellation);
    }
}
