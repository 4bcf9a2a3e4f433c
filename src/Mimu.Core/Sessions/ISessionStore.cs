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

    /// <summary>Ends a session with all its tokens; false if it had ended before.</summary>
    ValueTask<bool> EndAsync(SessionId id);

    /// <summary>Ends all sessions of an account with all their tokens, or all <paramref name="but"/> one; says which.</summary>
    ValueTask<IReadOnlyList<SessionId>> EndAllAsync(UserId user, SessionId? but);

    /// <summary>Ends all sessions of one device with all their tokens; says which.</summary>
    ValueTask<IReadOnlyList<SessionId>> EndOfDeviceAsync(UserId user, int deviceId);
}
