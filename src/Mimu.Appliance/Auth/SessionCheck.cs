using Mimu.Core;
using Mimu.Core.Sessions;
using Mimu.Core.Storage;

namespace Mimu.Appliance.Auth;

/// <summary>Whether an access token is good at this moment: one of ours, not expired, and of a session that goes on.</summary>
internal sealed class SessionCheck(AccessTokens tokens, IDatabase database)
{
    /// <returns>What it says; <c>unauthorized</c>, <c>token_expired</c> or <c>session_ended</c> otherwise.</returns>
    public async ValueTask<Result<AccessToken>> CheckAsync(string token, CancellationToken cancellation)
    {
        var result = await tokens.ReadAsync(token);
        if (!result.Succeeded(out var access, out var refusal))
        {
            return refusal;
        }
        return await database.ReadAsync(tx => tx.Sessions.FindAsync(access.Caller.SessionId), cancellation) is null ? Errors.SessionEnded : access;
    }
}
