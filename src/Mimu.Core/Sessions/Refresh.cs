using Mimu.Core.Accounts;
using Mimu.Core.Storage;

namespace Mimu.Core.Sessions;

/// <summary>Trades a refresh token for a new pair, once (protocol 2.3, RFC 9700 section 4.14).</summary>
public sealed class Refresh(IDatabase database, SessionTokens tokens, TimeProvider clock, SessionSettings settings)
{
    /// <summary>Whose token this is, used or not; null if nobody's.</summary>
    public async ValueTask<SessionId?> FindSessionAsync(string refreshToken, CancellationToken cancellation) =>
        (await database.ReadAsync(tx => tx.Sessions.FindTokenAsync(Secret.Hash(refreshToken)), cancellation))?.SessionId;

    /// <returns>A new pair; <c>invalid_refresh_token</c>, or <c>refresh_token_reused</c>, which has ended the session.</returns>
    public async ValueTask<Result<TokenGrant>> RunAsync(string refreshToken, CancellationToken cancellation)
    {
        var hash = Secret.Hash(refreshToken);
        var now = clock.Now();
        var outcome = await database.WriteAsync<Outcome>(async tx =>
        {
            if (await tx.Sessions.FindTokenAsync(hash) is not { } token || token.ExpiresAt <= now
                || await tx.Sessions.FindAsync(token.SessionId) is not { } session
                || await tx.Accounts.FindAsync(session.UserId) is not { State: AccountState.Active } account)
            {
                return Errors.InvalidRefreshToken;
            }
            if (token.UsedAt is not null && !await TakeBackSuccessorAsync(tx, token, now))
            {
                // A commit and not a refusal: the session's end must stay.
                await tx.EndSessionAsync(session.UserId, session.Id);
                return new Outcome(null);
            }
            var (grant, successor) = tokens.Continue(account, session with { LastSeenAt = now }, now);
            await tx.Sessions.ReplaceTokenAsync(hash, successor, now);
            await tx.Devices.SeenAsync(account.Id, session.DeviceId, name: null, now);
            return new Outcome(grant);
        }, cancellation);
        return outcome.Succeeded(out var value, out var refusal)
            ? value.Grant is { } grant ? grant : Errors.RefreshTokenReused
            : refusal;
    }

    /// <summary>Within the grace, a client that lost the answer may repeat its last token, as long as nobody used what it was traded for.</summary>
    private async ValueTask<bool> TakeBackSuccessorAsync(ITransaction tx, RefreshToken token, DateTimeOffset now)
    {
        if (settings.RefreshGrace == TimeSpan.Zero || now - token.UsedAt > settings.RefreshGrace
            || token.Successor is null || await tx.Sessions.FindTokenAsync(token.Successor) is not { UsedAt: null })
        {
            return false;
        }
        await tx.Sessions.WithdrawTokenAsync(token.Successor);
        return true;
    }

    /// <param name="Grant">Null when the token had been used before.</param>
    private sealed record Outcome(TokenGrant? Grant);
}
