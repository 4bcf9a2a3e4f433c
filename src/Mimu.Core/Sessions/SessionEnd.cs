using Mimu.Core.Events;
using Mimu.Core.Storage;

namespace Mimu.Core.Sessions;

/// <summary>Ends sessions within a larger piece of work, and has their sockets closed after its commit.</summary>
internal static class SessionEnd
{
    /// <summary>Ends those of an account's sessions that <paramref name="goes"/> names; answers how many.</summary>
    public static async ValueTask<int> ForAllAsync(ITransaction tx, UserId user, Predicate<Session> goes)
    {
        var ended = 0;
        foreach (var session in await tx.Sessions.ListAsync(user))
        {
            if (goes(session) && await tx.Sessions.EndAsync(session.Id))
            {
                tx.Publish(new Publication(Cursor: null, new SessionEnded(session.Id), [user], Origin: null));
                ended++;
            }
        }
        return ended;
    }
}
