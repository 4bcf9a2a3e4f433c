using Mimu.Core;
using Mimu.Core.Sessions;

namespace Mimu.Appliance.Auth;

/// <summary>Whether an access token is good at this moment: one of ours, not expired, and of a session that goes on.</summary>
internal sealed class SessionCheck(AccessTokens tokens, WsTickets tickets, LiveSessions sessions)
{
    /// <returns>What it says; <c>unauthorized</c>, <c>token_expired</c> or <c>session_ended</c> otherwise.</returns>
    public async ValueTask<Result<AccessToken>> CheckAsync(string token, CancellationToken cancellation) =>
        await CheckAsync(await tokens.ReadAsync(token), cancellation);

    /// <summary>The same of the token that a ticket stands for. The ticket is used up by it.</summary>
    public ValueTask<Result<AccessToken>> CheckTicketAsync(string ticket, CancellationToken cancellation) =>
        CheckAsync(tickets.Redeem(ticket).Succeeded(out var access, out var refusal) ? tokens.StillGood(access) : refusal, cancellation);

    private async ValueTask<Result<AccessToken>> CheckAsync(Result<AccessToken> token, CancellationToken cancellation) =>
        token.Succeeded(out var access, out _) && !await sessions.IsLiveAsync(access.Caller, cancellation) ? Errors.SessionEnded : token;
}
