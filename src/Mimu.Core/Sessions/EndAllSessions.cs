using Mimu.Core.Storage;

namespace Mimu.Core.Sessions;

/// <summary>Ends all of the caller's sessions (protocol 2.4).</summary>
public sealed class EndAllSessions(IDatabase database)
{
    public ValueTask<Result<Done>> RunAsync(Caller caller, CancellationToken cancellation) => database.WriteAsync<Done>(async tx =>
    {
        await tx.EndSessionsAsync(caller.UserId);
        return default(Done);
    }, cancellation);
}
