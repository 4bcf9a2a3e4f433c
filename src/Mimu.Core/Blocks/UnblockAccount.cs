using Mimu.Core.Accounts;
using Mimu.Core.Storage;

namespace Mimu.Core.Blocks;

/// <summary>Lifts a block (protocol 3.8).</summary>
public sealed class UnblockAccount(IDatabase database)
{
    /// <returns>Nothing, also when they were not blocked; <c>not_found</c>.</returns>
    public ValueTask<Result<Done>> RunAsync(Caller caller, PublicId publicId, CancellationToken cancellation) =>
        database.WriteAsync<Done>(async tx =>
        {
            if (await tx.Accounts.FindAsync(publicId) is not { State: not AccountState.Deleted } account)
            {
                return Errors.NotFound;
            }
            await tx.Blocks.RemoveAsync(caller.UserId, account.Id);
            return default(Done);
        }, cancellation);
}
