using Mimu.Core.Devices;
using Mimu.Core.Events;
using Mimu.Core.Keys;
using Mimu.Core.Sessions;
using Mimu.Core.Storage;

namespace Mimu.Core.Accounts;

/// <summary>A new identity for an account whose keys are lost (protocol 3.6).</summary>
/// <param name="Password">The account's password.</param>
/// <param name="IdentityKey">X25519, 32 bytes.</param>
/// <param name="SigningKey">Ed25519, 32 bytes.</param>
/// <param name="Prekeys">The prekeys of the first device.</param>
public sealed record ReplaceIdentityCommand(string Password, byte[] IdentityKey, byte[] SigningKey, PrekeyUpload Prekeys);

/// <summary>
/// Begins an account's keys afresh: nothing that was signed by the former identity stays, and everyone who shares a chat is told. It is for the first
/// device, since the others go.
/// </summary>
public sealed class ReplaceIdentity(IDatabase database, PasswordCheck passwords, EventWriter events)
{
    /// <returns>The account with its new identity; <c>password_incorrect</c>, or <c>validation_failed</c> for a linked device.</returns>
    public async ValueTask<Result<Account>> RunAsync(Caller caller, ReplaceIdentityCommand command, CancellationToken cancellation)
    {
        if (caller.DeviceId != Device.First)
        {
            return new ValidationFailed([new Fault("device_id", $"must be {Device.First}: linked devices go with the former identity, so sign in as the first one")]);
        }
        var check = await passwords.RunAsync(caller, command.Password, cancellation);
        if (!check.Succeeded(out var former, out var refusal))
        {
            return refusal;
        }
        var account = former with { IdentityKey = command.IdentityKey, SigningKey = command.SigningKey };
        return await database.WriteAsync<Account>(async tx =>
        {
            if (await PasswordCheck.ConfirmAsync(tx, caller, former) is { } changed)
            {
                return changed;
            }
            await tx.Accounts.ReplaceIdentityAsync(account.Id, account.IdentityKey, account.SigningKey);
            await tx.EndSessionsAsync(account.Id, but: caller.SessionId);
            foreach (var device in await tx.Devices.ListAsync(account.Id))
            {
                if (device.DeviceId != Device.First)
                {
                    await tx.Devices.RemoveAsync(account.Id, device.DeviceId);
                }
            }
            await tx.Keys.RemoveAllAsync(account.Id, Device.First);
            await tx.Keys.AddAsync(account.Id, Device.First, command.Prekeys.All);
            var contacts = await tx.Chats.ListContactsAsync(account.Id);
            await events.AppendToEachAsync(tx, contacts, new IdentityChanged(account.Id, account.PublicId, account.Fingerprint), caller.SessionId);
            return account;
        }, cancellation);
    }
}
