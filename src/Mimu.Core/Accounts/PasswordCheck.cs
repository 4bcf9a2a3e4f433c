using Mimu.Core.Storage;

namespace Mimu.Core.Accounts;

/// <summary>Asks for the password once more before something that can't be taken back, so that a stolen token is not enough.</summary>
public sealed class PasswordCheck(IDatabase database, PasswordHashing passwords)
{
    /// <returns>The account as it was; <c>password_incorrect</c> otherwise.</returns>
    public async ValueTask<Result<Account>> RunAsync(Caller caller, string password, CancellationToken cancellation)
    {
        var account = await database.ReadAsync(tx => tx.Accounts.FindAsync(caller.UserId), cancellation);
        var verified = await passwords.VerifyAsync(password, account?.PasswordHash, cancellation);
        return !verified.Succeeded(out var isRight, out var refusal) ? refusal : account is null || !isRight ? Errors.PasswordIncorrect : account;
    }

    /// <summary>To be asked in the transaction of the deed: much may have happened while the hash was computed.</summary>
    /// <returns>Null when the account and the session are still what they were; else why not.</returns>
    public static async ValueTask<Error?> ConfirmAsync(ITransaction tx, Caller caller, Account proven) =>
        await tx.Sessions.FindAsync(caller.SessionId) is null || await tx.Accounts.FindAsync(caller.UserId) is not { State: AccountState.Active } present
            ? Errors.SessionEnded
            : present.PasswordHash != proven.PasswordHash ? Errors.PasswordIncorrect
            : present.SigningKey.AsSpan().SequenceEqual(proven.SigningKey) ? null : Errors.KeysDiffer;
}
