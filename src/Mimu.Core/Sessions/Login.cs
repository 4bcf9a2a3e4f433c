using Mimu.Core.Accounts;
using Mimu.Core.Storage;

namespace Mimu.Core.Sessions;

/// <summary>Somebody who says that they are somebody (protocol 2.2).</summary>
/// <param name="PublicId">The name as it was written; one that can't exist is answered like an unknown one.</param>
/// <param name="Password">The password.</param>
/// <param name="DeviceId">Which of the account's devices signs in again.</param>
/// <param name="DeviceName">A new name for it; null to keep the old one.</param>
public sealed record LoginCommand(string PublicId, string Password, int DeviceId, string? DeviceName);

/// <summary>Begins a session for who knows the password. Unknown accounts and wrong passwords answer alike and take alike.</summary>
public sealed class Login(IDatabase database, PasswordHashing passwords, SessionTokens tokens, TimeProvider clock)
{
    /// <summary>How often a login looks at an account that changes under its hands: a renewed hash changes it once, and more would be a siege.</summary>
    private const int MaxTries = 3;

    /// <returns>Tokens; <c>invalid_credentials</c>, <c>account_disabled</c>, <c>unavailable</c>, or <c>validation_failed</c> for a device that the account lacks.</returns>
    public async ValueTask<Result<TokenGrant>> RunAsync(LoginCommand command, CancellationToken cancellation)
    {
        if (passwords.Refusal is { } tooMuch)
        {
            return tooMuch;
        }
        for (var tries = 0; tries < MaxTries; tries++)
        {
            var outcome = await TryAsync(command, cancellation);
            if (!outcome.Succeeded(out var value, out var refusal))
            {
                return refusal;
            }
            if (value.Grant is { } grant)
            {
                return grant;
            }
        }
        return Errors.InvalidCredentials;
    }

    private async ValueTask<Result<Outcome>> TryAsync(LoginCommand command, CancellationToken cancellation)
    {
        var found = PublicId.TryParse(command.PublicId, out var publicId)
            ? await database.ReadAsync(tx => tx.Accounts.FindAsync(publicId), cancellation)
            : null;
        var account = found is { State: not AccountState.Deleted } ? found : null;
        var verified = await passwords.VerifyAsync(command.Password, account?.PasswordHash, cancellation);
        if (!verified.Succeeded(out var isRight, out var refusal))
        {
            return refusal;
        }
        if (account is null || !isRight)
        {
            return Errors.InvalidCredentials;
        }
        if (account.State is AccountState.Disabled)
        {
            return Errors.AccountDisabled;
        }
        var renewed = passwords.IsWeaker(account.PasswordHash) ? await passwords.HashAsync(command.Password, cancellation) : default;
        var now = clock.Now();
        var (grant, token) = tokens.Begin(account, command.DeviceId, now);
        return await database.WriteAsync<Outcome>(async tx =>
        {
            // The account is read again: while the hash was computed it may have been disabled or got another password, or another login renewed its hash.
            if (await tx.Accounts.FindAsync(publicId) is not { State: AccountState.Active } present || present.PasswordHash != account.PasswordHash)
            {
                return new Outcome(null);
            }
            if ((await tx.Devices.ListAsync(account.Id)).All(device => device.DeviceId != command.DeviceId))
            {
                return new ValidationFailed([new Fault("device_id", $"must be a device of this account; it has no device {command.DeviceId}")]);
            }
            if (renewed is { IsOk: true, Value: not null })
            {
                await tx.Accounts.ReplacePasswordHashAsync(account.Id, account.PasswordHash, renewed.Value);
            }
            await tx.Devices.SeenAsync(account.Id, command.DeviceId, command.DeviceName, now);
            await tx.Sessions.AddAsync(grant.Session, token);
            return new Outcome(grant);
        }, cancellation);
    }

    /// <param name="Grant">Null when the account changed meanwhile and has to be looked at anew.</param>
    private sealed record Outcome(TokenGrant? Grant);
}
