using Mimu.Core.Devices;
using Mimu.Core.Invites;
using Mimu.Core.Keys;
using Mimu.Core.Sessions;
using Mimu.Core.Storage;

namespace Mimu.Core.Accounts;

/// <summary>Who wants an account, with the keys of the first device (protocol 2.1).</summary>
/// <param name="PublicId">The name asked for.</param>
/// <param name="Password">8–256 code points.</param>
/// <param name="DisplayName">Null for the public id.</param>
/// <param name="IdentityKey">X25519, 32 bytes.</param>
/// <param name="SigningKey">Ed25519, 32 bytes.</param>
/// <param name="Prekeys">The first device's prekeys.</param>
/// <param name="DeviceName">Null for none.</param>
/// <param name="SignalRegistrationId">Null for a client that has none.</param>
/// <param name="InviteCode">The code of an invitation, looked at while registration is by invitation; null for none.</param>
public sealed record RegisterCommand(
    PublicId PublicId,
    string Password,
    string? DisplayName,
    byte[] IdentityKey,
    byte[] SigningKey,
    PrekeyUpload Prekeys,
    string? DeviceName,
    int? SignalRegistrationId,
    string? InviteCode = null);

/// <summary>Makes an account, its first device and its first session: all of it or nothing.</summary>
public sealed class Register(IDatabase database, PasswordHashing passwords, SessionTokens tokens, TimeProvider clock, RegistrationSettings settings)
{
    /// <returns>The first tokens; <c>registration_closed</c>, <c>invite_invalid</c>, or <c>public_id_taken</c>. The keys were checked when the command was made.</returns>
    public async ValueTask<Result<TokenGrant>> RunAsync(RegisterCommand command, CancellationToken cancellation)
    {
        if (settings.Mode is RegistrationMode.Closed)
        {
            return Errors.RegistrationClosed;
        }
        var invite = settings.Mode is RegistrationMode.Invite ? InviteCode.Hash(command.InviteCode ?? "") : null;
        // Asked before the dear hash is made; the answer that counts is the transaction's.
        var early = await database.ReadAsync(tx => RefusalAsync(tx, command.PublicId, invite), cancellation);
        if (early is not null)
        {
            return early;
        }
        var hash = await passwords.HashAsync(command.Password, cancellation);
        if (!hash.Succeeded(out var passwordHash, out var refusal))
        {
            return refusal;
        }
        var now = clock.Now();
        var account = new Account(Ids.NewUserId(), command.PublicId, command.DisplayName ?? command.PublicId.Value, Avatar: null,
            command.IdentityKey, command.SigningKey, passwordHash, AccountState.Active, now);
        var device = new Device(account.Id, Device.First, command.DeviceName, command.SignalRegistrationId, now, now);
        var (grant, token) = tokens.Begin(account, device.DeviceId, now);
        return await database.WriteAsync<TokenGrant>(async tx =>
        {
            if (invite is not null && !await tx.Invites.TryUseAsync(invite, account.PublicId, now))
            {
                return Errors.InviteInvalid;
            }
            if (!await tx.Accounts.AddAsync(account))
            {
                return Errors.PublicIdTaken;
            }
            await tx.Devices.AddAsync(device);
            await tx.Keys.AddAsync(account.Id, device.DeviceId, command.Prekeys.All);
            await tx.Sessions.AddAsync(grant.Session, token);
            return grant;
        }, cancellation);
    }

    /// <summary>Why not; null for nothing. Who is not invited learns nothing of which names are taken.</summary>
    private async ValueTask<Error?> RefusalAsync(ITransaction tx, PublicId publicId, byte[]? invite) =>
        invite is not null && !await tx.Invites.IsGoodAsync(invite, publicId, clock.Now()) ? Errors.InviteInvalid
        : await tx.Accounts.FindAsync(publicId) is not null ? Errors.PublicIdTaken
        : null;
}
