using Mimu.Core.Storage;

namespace Mimu.Core.Sessions;

/// <summary>Ends one of the caller's sessions, this one or another (protocol 2.4).</summary>
public sealed class EndSession(IDatabase database)
{
    /// <summary>Ends the caller's own session. One that has ended meanwhile is what was asked for.</summary>
    public ValueTask<Result<Done>> RunAsync(Caller caller, CancellationToken cancellation) => database.WriteAsync<Done>(async tx =>
    {
        await tx.EndSessionAsync(caller.UserId, caller.SessionId);
        return default(Done);
    }, cancellation);

    /// <returns><c>not_found</c> for a session that is not the caller's or has ended.</returns>
    public ValueTask<Result<Done>> RunAsync(Caller caller, SessionId session, CancellationToken cancellation) => database.WriteAsync<Done>(async tx =>
        await tx.Sessions.FindAsync(session) is { } found && found.UserId == caller.UserId && await tx.EndSessionAsync(caller.UserId, session)
            ? default(Done)
            : Errors.NotFound, cancellation);
}
