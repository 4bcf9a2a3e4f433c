using Mimu.Core.Accounts;
using Mimu.Core.Events;
using Mimu.Core.Keys;
using Mimu.Core.Sessions;
using Mimu.Core.Storage;

namespace Mimu.Core.Devices;

/// <summary>Another device of the caller's account (protocol 3.9).</summary>
/// <param name="Password">The account's password.</param>
/// <param name="DeviceName">1–64 code points.</param>
/// <param name="SignalRegistrationId">Null for a client that has none.</param>
/// <param name="Keys">Its prekeys, checked with the account's signing key.</param>
public sealed record LinkDeviceCommand(string Password, string DeviceName, int? SignalRegistrationId, PublishPrekeysCommand Keys);

/// <summary>Adds a device that shares the account's identity, and begins its first session.</summary>
public sealed class LinkDevice(IDatabase database, PasswordCheck passwords, SessionTokens tokens, EventWriter events, TimeProvider clock)
{
    /// <returns>The device's first tokens; <c>password_incorrect</c>, <c>limit_reached</c>, or <c>keys_differ</c> when the account has got a new identity meanwhile.</returns>
    public async ValueTask<Result<TokenGrant>> RunAsync(Caller caller, LinkDeviceCommand command, CancellationToken cancellation)
    {
        var check = await passwords.RunAsync(caller, command.Password, cancellation);
        if (!check.Succeeded(out var account, out var refusal))
        {
            return refusal;
        }
        if (!account.SigningKey.AsSpan().SequenceEqual(command.Keys.SigningKey))
        {
            return Errors.KeysDiffer;
        }
        var now = clock.Now();
        return await database.WriteAsync<TokenGrant>(async tx =>
        {
            if (await PasswordCheck.ConfirmAsync(tx, caller, account) is { } changed)
            {
                return changed;
            }
            if (await tx.Devices.TakeNumberAsync(account.Id) is not { } number)
            {
                return Errors.LimitReached.Because($"An account has at most {Device.Last} devices: remove one first.");
            }
            var (grant, token) = tokens.Begin(account, number, now);
            await tx.Devices.AddAsync(new Device(account.Id, number, command.DeviceName, command.SignalRegistrationId, now, now));
            await tx.Keys.AddAsync(account.Id, number, command.Keys.Keys.All);
            await tx.Sessions.AddAsync(grant.Session, token);
            await DeviceNews.TellAsync(tx, events, account, caller.SessionId);
            return grant;
        }, cancellation);
    }
}
