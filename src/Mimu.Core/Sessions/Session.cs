namespace Mimu.Core.Sessions;

/// <summary>A device that is signed in. A session that has ended is no longer stored.</summary>
/// <param name="Id">Its id, in every access token.</param>
/// <param name="UserId">Whose it is.</param>
/// <param name="DeviceId">1–127.</param>
/// <param name="CreatedAt">When it began.</param>
/// <param name="LastSeenAt">When it last got tokens.</param>
public sealed record Session(SessionId Id, UserId UserId, int DeviceId, DateTimeOffset CreatedAt, DateTimeOffset LastSeenAt)
{
    public Caller ToCaller() => new(UserId, Id, DeviceId);
}

/// <summary>A refresh token as the server knows it (protocol 2.3).</summary>
/// <param name="Hash">SHA-256 of the token.</param>
/// <param name="SessionId">All tokens of a session are one family.</param>
/// <param name="ExpiresAt">When it is of no use any more.</param>
/// <param name="UsedAt">Null while it is unused.</param>
/// <param name="Successor">The hash of the token that took its place; null while it is unused.</param>
public sealed record RefreshToken(byte[] Hash, SessionId SessionId, DateTimeOffset ExpiresAt, DateTimeOffset? UsedAt = null, byte[]? Successor = null);

/// <summary>How long tokens live.</summary>
/// <param name="Issuer">The <c>iss</c> and <c>aud</c> claims: <c>auth.issuer</c>.</param>
/// <param name="AccessTokenLifetime"><c>auth.access_token_lifetime</c>.</param>
/// <param name="RefreshTokenLifetime">Since the last use: <c>auth.refresh_token_lifetime</c>.</param>
/// <param name="RefreshGrace">How long a client that lost the answer may repeat a refresh: <c>auth.refresh_grace_seconds</c>.</param>
public sealed record SessionSettings(string Issuer, TimeSpan AccessTokenLifetime, TimeSpan RefreshTokenLifetime, TimeSpan RefreshGrace);

/// <summary>What a client gets when it signs in (protocol 2.1).</summary>
/// <param name="Account">Who signed in.</param>
/// <param name="Session">The session.</param>
/// <param name="AccessToken">A JWT.</param>
/// <param name="ExpiresIn">How long the access token is good.</param>
/// <param name="RefreshToken">Opaque, single use.</param>
public sealed record TokenGrant(Accounts.Account Account, Session Session, string AccessToken, TimeSpan ExpiresIn, string RefreshToken);
