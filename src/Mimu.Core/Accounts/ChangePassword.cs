using Mimu.Core.Sessions;
using Mimu.Core.Storage;

namespace Mimu.Core.Accounts;

/// <summary>A new password from who knows the present one (protocol 2.4).</summary>
public sealed record ChangePasswordCommand(string CurrentPassword, string NewPassword);

/// <summary>Changes the caller's password and ends every other session.</summary>
public sealed class ChangePassword(IDatabase database, PasswordHashing passwords)
{
    /// <returns><c>password_incorrect</c>, or <c>session_ended</c> if the caller's own session ended meanwhile.</returns>
    public async ValueTask<Result<Done>> RunAsync(Caller caller, ChangePasswordCommand command, CancellationToken cancellation)
    {
        var account = await database.ReadAsync(tx => tx.Accounts.FindAsync(caller.UserId), cancellation);
        var verified = await passwords.VerifyAsync(command.CurrentPassword, account?.PasswordHash, cancellation);
        if (!verified.Succeeded(out var isRight, out var refusal))
        {
            return refusal;
        }
        if (account is null || !isRight)
        {
            return Errors.PasswordIncorrect;
        }
        var hash = await passwords.HashAsync(command.NewPassword, cancellation);
        if (!hash.Succeeded(out var renewed, out refusal))
        {
            return refusal;
        }
        return await database.WriteAsync<Done>(async tx =>
        {
            // Both may have happened while the hashes were computed.
            if (await tx.Sessions.FindAsync(caller.SessionId) is null)
            {
                return Errors.SessionEnded;
            }
            if (!await tx.Accounts.ReplacePasswordHashAsync(caller.UserId, account.PasswordHash, renewed))
            {
                return Errors.PasswordIncorrect;
            }
            await tx.EndSessionsAsync(caller.UserId, but: caller.SessionId);
            return default(Done);
        }, cancellation);
    }
}
