using Mimu.Core.Accounts;

namespace Mimu.Core.Sessions;

/// <summary>Makes the pairs of tokens that clients get.</summary>
public sealed class SessionTokens(AccessTokens accessTokens, SessionSettings settings)
{
    /// <summary>A new session with its first pair; the caller stores it.</summary>
    public (TokenGrant Grant, RefreshToken Token) Begin(Account account, int deviceId, DateTimeOffset now) =>
        Continue(account, new Session(Ids.NewSessionId(now), account.Id, deviceId, now, now), now);

    /// <summary>The next pair of a session; the caller stores it.</summary>
    public (TokenGrant Grant, RefreshToken Token) Continue(Account account, Session session, DateTimeOffset now)
    {
        var secret = Secret.New();
        var grant = new TokenGrant(account, session, accessTokens.Issue(session, now), settings.AccessTokenLifetime, secret);
        return (grant, new RefreshToken(Secret.Hash(secret), session.Id, now + settings.RefreshTokenLifetime));
    }
}
