using Mimu.Core.Events;
using Mimu.Core.Storage;

namespace Mimu.Core.Sessions;

/// <summary>The only way in which a session may end: with its refresh tokens, and with a word to everyone who remembers it (protocol 2.4).</summary>
public static class SessionEndings
{
    /// <summary>Ends all sessions of an account, or all but one; answers how many.</summary>
    public static async ValueTask<int> EndSessionsAsync(this ITransaction tx, UserId user, SessionId? but = null) =>
        Tell(tx, user, await tx.Sessions.EndAllAsync(user, but));

    /// <summary>Ends all sessions of one device.</summary>
    public static async ValueTask EndDeviceSessionsAsync(this ITransaction tx, UserId user, int deviceId) =>
        Tell(tx, user, await tx.Sessions.EndOfDeviceAsync(user, deviceId));

    private static int Tell(ITransaction tx, UserId user, IReadOnlyList<SessionId> ended)
    {
        foreach (var session in ended)
        {
            tx.Publish(new Publication(Cursor: null, new SessionEnded(session), [user], Origin: null));
        }
        return ended.Count;
    }
}
