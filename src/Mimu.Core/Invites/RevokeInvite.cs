using System.Globalization;
using Mimu.Core.Storage;

namespace Mimu.Core.Invites;

/// <summary>Takes an invitation back. Who has registered with it stays.</summary>
public sealed class RevokeInvite(IDatabase database)
{
    /// <param name="named">The number of the invitation, or its code.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <returns><c>not_found</c> when there is none, or none any more.</returns>
    public ValueTask<Result<Done>> RunAsync(string named, CancellationToken cancellation) => database.WriteAsync<Done>(async tx =>
        long.TryParse(named, NumberStyles.None, CultureInfo.InvariantCulture, out var id) && await tx.Invites.RemoveAsync(id)
        || await tx.Invites.RemoveAsync(InviteCode.Hash(named))
            ? default(Done)
            : Errors.NotFound.Because("There is no invitation of this number or code; `mimu admin invite list` shows those that there are."), cancellation);
}
