using Mimu.Core.Chats;
using Mimu.Core.Events;
using Mimu.Core.Sessions;
using Mimu.Core.Storage;

namespace Mimu.Core.Accounts;

/// <summary>What went with an account, in numbers alone.</summary>
public sealed record DeletedAccount(int Devices, int Prekeys, int Sessions, int Chats, int Files);

/// <summary>
/// Deletes the caller's account (protocol 3.5): everything of it goes at once, but for its name, which is never given again, and for what it sent to
/// others, which is theirs.
/// </summary>
public sealed class DeleteAccount(IDatabase database, PasswordCheck passwords, EventWriter events)
{
    /// <returns>What went; <c>password_incorrect</c> otherwise.</returns>
    public async ValueTask<Result<DeletedAccount>> RunAsync(Caller caller, string password, CancellationToken cancellation)
    {
        var check = await passwords.RunAsync(caller, password, cancellation);
        if (!check.Succeeded(out var account, out var refusal))
        {
            return refusal;
        }
        return await database.WriteAsync<DeletedAccount>(async tx =>
        {
            if (await PasswordCheck.ConfirmAsync(tx, caller, account) is { } changed)
            {
                return changed;
            }
            var chats = await tx.Chats.ListChatsAsync(account.Id);
            foreach (var chat in chats)
            {
                await Departure.RunAsync(tx, events, chat, account, caller);
            }
            var sessions = await tx.EndSessionsAsync(account.Id);
            var devices = await tx.Devices.ListAsync(account.Id);
            var prekeys = 0;
            foreach (var device in devices)
            {
                var stock = await tx.Keys.CountAsync(account.Id, device.DeviceId);
                prekeys += stock.OneTime + stock.PqOneTime;
                await tx.Devices.RemoveAsync(account.Id, device.DeviceId);
            }
            await tx.Blocks.RemoveAllAsync(account.Id);
            await tx.KeyBackups.RemoveAsync(account.Id);
            var files = await tx.Files.RemoveAllAsync(account.Id);
            await tx.Events.ForgetAsync(account.Id);
            await tx.Accounts.BuryAsync(account.Id);
            return new DeletedAccount(devices.Count, prekeys, sessions, chats.Count, files);
        }, cancellation);
    }
}
