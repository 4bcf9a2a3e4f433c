using Mimu.Core.Storage;

namespace Mimu.Core.Calls;

/// <summary>Brings what one end of a call says to the other (protocol section 9).</summary>
public sealed class SignalCall(IDatabase database, CallTable calls)
{
    /// <returns>
    /// Whether a socket of the other end is told now; <c>not_found</c> for whom the caller shares no chat with, or is blocked by, and for a call of others; <c>limit_reached</c>,
    /// <c>unavailable</c>.
    /// </returns>
    public async ValueTask<Result<bool>> RunAsync(Caller caller, CallFrame frame, CancellationToken cancellation)
    {
        if (frame.To == caller.UserId)
        {
            return Errors.NotFound;
        }
        var isAllowed = calls.Begins(frame) && await database.ReadAsync(tx => MayCallAsync(tx, caller.UserId, frame.To), cancellation);
        return calls.Take(caller, frame, isAllowed);
    }

    private static async ValueTask<bool> MayCallAsync(ITransaction tx, UserId caller, UserId callee) =>
        await tx.Chats.ShareChatAsync(caller, callee) && !await tx.Blocks.IsBlockedAsync(caller, by: callee) && !await tx.Blocks.IsBlockedAsync(callee, by: caller);
}
