namespace Mimu.Core.Sessions;

/// <summary>Sessions with their families of refresh tokens.</summary>
public interface ISessionStore
{
    /// <summary>Adds a session with its first refresh token.</summary>
    ValueTask AddAsync(Session session, RefreshToken token);

    /// <summary>The session; null when it has ended or never was.</summary>
    ValueTask<Session?> FindAsync(SessionId id);

    /// <summary>A token of a session that goes on, used or not; null if there is none of this hash.</summary>
    ValueTask<RefreshToken?> FindTokenAsync(byte[] hash);

    /// <summary>Puts <paramref name="successor"/> in the place of the token of this hash, which counts as used from <paramref name="now"/> on. Tokens of the family that have expired go.</summary>
    ValueTask ReplaceTokenAsync(byte[] hash, RefreshToken successor, DateTimeOffset now);

    /// <summary>Takes back a token that was handed out, as if it never was.</summary>
    ValueTask WithdrawTokenAsync(byte[] hash);

    /// <summary>Ends a session with all its tokens; false if it had ended before. Only <see cref="SessionEndings"/> does so: it also tells whom it concerns.</summary>
    ValueTask<bool> EndAsync(SessionId id);

    /// <summary>Ends the sessions of an account with all their tokens: all <paramref name="but"/> one, or those of one device; says which.</summary>
    ValueTask<IReadOnlyList<SessionId>> EndAllAsync(UserId user, SessionId? but, int? deviceId);

    /// <summary>The account's sessions that can go on, the oldest first: those with a refresh token that has not expired.</summary>
    ValueTask<IReadOnlyList<Session>> ListAsync(UserId user, DateTimeOffset now);
}
