using Mimu.Core.Storage;

namespace Mimu.Core.Accounts;

/// <summary>What of one's own profile changes (protocol 3.5).</summary>
/// <param name="DisplayName">1–64 code points; null to keep it.</param>
/// <param name="Avatar">A file key; null to keep what there is.</param>
/// <param name="RemovesAvatar">Whether there is to be no avatar any more.</param>
public sealed record ChangeProfileCommand(string? DisplayName, string? Avatar, bool RemovesAvatar);

/// <summary>Changes how others see an account.</summary>
public sealed class ChangeProfile(IDatabase database)
{
    /// <returns>The account as it is now.</returns>
    public ValueTask<Result<Account>> RunAsync(Caller caller, ChangeProfileCommand command, CancellationToken cancellation) =>
        database.WriteAsync<Account>(async tx =>
        {
            if (await tx.Accounts.FindAsync(caller.UserId) is not { State: AccountState.Active } account)
            {
                return Errors.SessionEnded;
            }
            var changed = account with
            {
                DisplayName = command.DisplayName ?? account.DisplayName,
                Avatar = command.RemovesAvatar ? null : command.Avatar ?? account.Avatar,
            };
            await tx.Accounts.ChangeProfileAsync(account.Id, changed.DisplayName, changed.Avatar);
            return changed;
        }, cancellation);
}
