using Mimu.Core.Accounts;
using Mimu.Core.Events;
using Mimu.Core.Storage;

namespace Mimu.Core.Devices;

/// <summary>Tells everyone who shares a chat that an account's devices are others now, and the account's own devices too: they encrypt for each other.</summary>
internal static class DeviceNews
{
    public static async ValueTask TellAsync(ITransaction tx, EventWriter events, Account account, SessionId? origin) => await events.AppendToEachAsync(
        tx, [account.Id, .. await tx.Chats.ListContactsAsync(account.Id)], new DevicesChanged(account.Id, account.PublicId, account.Fingerprint), origin);
}
