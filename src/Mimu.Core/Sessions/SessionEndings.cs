using Mimu.Core.Events;
using Mimu.Core.Storage;

namespace Mimu.Core.Sessions;

/// <summary>
/// The only way in which a session may end: with its refresh tokens, and with a word to everyone who remembers it (protocol 2.4). Open sockets and
/// <see cref="LiveSessions"/> rely on that word.
/// </summary>
public static class SessionEndings
{
    /// <summary>Ends one session; false if it had ended before.</summary>
    public static async ValueTask<bool> EndSessionAsync(this ITransaction tx, UserId user, SessionId session, SessionEnding reason = SessionEnding.Over)
    {
        if (!await tx.Sessions.EndAsync(session))
        {
            return false;
        }
        tx.Publish(new Publication(Cursor: null, new SessionEnded(session, reason), [user], Origin: null));
        return true;
    }

    /// <summary>Ends all sessions of an account, or all but one, or those of one device; answers how many.</summary>
    public static async ValueTask<int> EndSessionsAsync(
        this ITransaction tx, UserId user, SessionId? but = null, int? deviceId = null, SessionEnding reason = SessionEnding.Over)
    {
        var ended = await tx.Sessions.EndAllAsync(user, but, deviceId);
        foreach (var session in ended)
        {
            tx.Publish(new Publication(Cursor: null, new SessionEnded(session, reason), [user], Origin: null));
        }
        return ended.Count;
    }
}
