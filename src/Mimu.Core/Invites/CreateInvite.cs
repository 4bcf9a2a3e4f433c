using Mimu.Core.Accounts;
using Mimu.Core.Storage;

namespace Mimu.Core.Invites;

/// <summary>Whom to invite.</summary>
/// <param name="Uses">How many may register with it.</param>
/// <param name="Lifetime">How long it is good.</param>
/// <param name="PublicId">The only name that may be registered with it; null for any.</param>
public sealed record CreateInviteCommand(int Uses, TimeSpan Lifetime, PublicId? PublicId)
{
    /// <summary>The most uses of one invitation.</summary>
    public const int MaxUses = 100_000;

    /// <summary>The longest life: ten years.</summary>
    public static readonly TimeSpan MaxLifetime = TimeSpan.FromDays(3650);
}

/// <summary>An invitation that was just made: the only moment in which its code is known.</summary>
public sealed record NewInvite(string Code, Invite Invite);

/// <summary>Makes an invitation.</summary>
public sealed class CreateInvite(IDatabase database, TimeProvider clock)
{
    /// <returns>The code with what it is good for; <c>public_id_taken</c> when the name it is for is taken.</returns>
    public ValueTask<Result<NewInvite>> RunAsync(CreateInviteCommand command, CancellationToken cancellation)
    {
        var code = InviteCode.New();
        var now = clock.Now();
        var expiresAt = now + command.Lifetime;
        return database.WriteAsync<NewInvite>(async tx =>
        {
            if (command.PublicId is { } name && await tx.Accounts.FindAsync(name) is not null)
            {
                return Errors.PublicIdTaken.Because($"The public id {name} is taken: nobody could use the invitation.");
            }
            var id = await tx.Invites.AddAsync(InviteCode.Hash(code), command.Uses, command.PublicId, now, expiresAt);
            return new NewInvite(code, new Invite(id, command.Uses, command.PublicId, now, expiresAt));
        }, cancellation);
    }
}
